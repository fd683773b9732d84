#!/usr/bin/env bash
# apt: python3-gi /usr/lib/python3/dist-packages/gi
# apt: gir1.2-gst-rtsp-server-1.0 /usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib
# apt: gstreamer1.0-plugins-base /usr/lib/*/gstreamer-1.0/libgstaudiotestsrc.so
# apt: gstreamer1.0-plugins-good /usr/lib/*/gstreamer-1.0/libgstalaw.so
# apt: gstreamer1.0-tools gst-launch-1.0
# Plays a tone in G.711 A-law at /tone. FOLDER/watch URL plays a stream of RTSP; FOLDER/record PORT sends a tone as
# packets to a server, and FOLDER/play PORT plays packets of a server. They print the samples.
launch() { # NAME ELEMENT...
  printf 'exec gst-launch-1.0 -q %s\n' "${*:2}" >"$folder/$1"
}
folder=$2
launch watch 'rtspsrc "location=$0" protocols=tcp buffer-mode=none do-rtcp=false' \
  '! rtppcmadepay ! fdsink'
launch record 'audiotestsrc num-buffers=500 samplesperbuffer=160' \
  '! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay ! rtpstreampay' \
  '! tcpclientsink sync=false host=127.0.0.1 "port=$0"'
launch play 'tcpclientsrc host=127.0.0.1 "port=$0"' \
  '! application/x-rtp-stream,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8' \
  '! rtpstreamdepay ! rtppcmadepay ! fdsink'
exec /usr/bin/python3 - "$1" <<'PYTHON'
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay0 )"
)
server.get_mount_points().add_factory("/tone", factory)
server.attach(None)
GLib.MainLoop().run()
PYTHON
