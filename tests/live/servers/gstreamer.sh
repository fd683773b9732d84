#!/usr/bin/env bash
# apt: python3-gi /usr/lib/python3/dist-packages/gi
# apt: gir1.2-gst-rtsp-server-1.0 /usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib
# apt: gstreamer1.0-plugins-base /usr/lib/*/gstreamer-1.0/libgstaudiotestsrc.so
# apt: gstreamer1.0-plugins-good /usr/lib/*/gstreamer-1.0/libgstalaw.so
# apt: gstreamer1.0-tools gst-launch-1.0
# Plays a tone in G.711 A-law at /tone.
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
