#!/usr/bin/env bash
# apt: podman podman
# apt: runc runc
# apt: busybox-static busybox
# The interface of Docker, with the image "box", which has the programs of BusyBox.
mkdir -p "$2/image/bin"
cp "$(command -v busybox)" "$2/image/bin/busybox"
for program in cat echo head sh tee tr; do ln -s busybox "$2/image/bin/$program"; done
tar -C "$2/image" -cf "$2/image.tar" .
cat >"$2/containers.conf" <<CONF
[containers]
cgroups = "enabled"
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
log_driver = "k8s-file"
netns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
CONF
export CONTAINERS_CONF=$2/containers.conf
podman=(podman --root "$2/root" --runroot "$2/run" --tmpdir "$2/tmp" --storage-driver vfs)
"${podman[@]}" import "$2/image.tar" box || exit
"${podman[@]}" run --rm box /bin/echo "containers run" || exit
exec "${podman[@]}" system service --time=0 "tcp:127.0.0.1:$1"
