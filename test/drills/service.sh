#!/bin/sh
# A small machine for service.drill.ts: systemd as the first process of namespaces of its own, on a copy-on-write view
# of this machine's files, in which ./start.sh install has been run. Nothing of it reaches the machine itself.
# Arguments: an empty folder, the project, bun.
set -eu
folder=$1 project=$2 bun=$3
root=$folder/files/root

mount --make-rprivate /
ip link set lo up
mkdir -p "$folder/files"
mount -t tmpfs -o size=3g tmpfs "$folder/files"
mkdir -p "$folder/files/changed" "$folder/files/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/files/changed,workdir=$folder/files/work" "$root"

mkdir -p "$root/opt/edgars"
cp -R "$project/." "$root/opt/edgars"
rm -f "$root/opt/edgars/node_modules"
mkdir "$root/opt/edgars/node_modules"
chmod 755 "$root/opt"
chmod -R a+rX "$root/opt/edgars"
mount --bind "$(readlink -f "$project/node_modules")" "$root/opt/edgars/node_modules"
cp "$bun" "$root/usr/local/bin/bun"

mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,ro,bind "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for place in run tmp dev; do mount -t tmpfs tmpfs "$root/$place"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0' 'ptmx 5 2'; do
  # shellcheck disable=SC2086 # name, major and minor number
  set -- $device
  mknod -m 666 "$root/dev/$1" c "$2" "$3"
done
ln -s /proc/self/fd "$root/dev/fd"

units=$root/etc/systemd/system
rm -rf "$units"/*.wants
for unit in systemd-udevd systemd-udev-trigger systemd-sysctl systemd-modules-load systemd-timesyncd systemd-logind; do
  ln -sf /dev/null "$units/$unit.service"
done
chroot "$root" sh -c 'cd /opt/edgars && PATH=/usr/local/bin:$PATH ./start.sh install'
printf '[Unit]\nRequires=edgars.service\n' >"$units/only.target"
ln -sf only.target "$units/default.target"

cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=lxc PATH=/usr/bin:/bin:/usr/sbin:/sbin /lib/systemd/systemd --log-target=journal
