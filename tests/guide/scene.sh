# A machine of its own for one page: nothing on it that the page did not put there, and all gone when its shell ends.
#
#   scene.sh DIRECTORY ann|root    becomes a shell that reads commands from standard input
#
# It is called hub and has the address 192.168.0.1 in a network of its own. In its empty /home/ann sits Ann, or whoever she
# became root for.
set -e
directory=$1 person=$2
# Its address, and a neighbour on the cable.
hostname hub
ip link set lo up
ip link add eth0 type veth peer name neighbour
ip address add 192.168.0.1/24 dev eth0
ip link set eth0 up
ip link set neighbour up
# without DIRECTORY NAME…: everything in it is as it was, but nothing is there of these names.
without() {
    local place=$1 there
    shift
    mkdir -p "$directory/was$place"
    mount --rbind "$place" "$directory/was$place"
    mount -t tmpfs tmpfs "$place"
    for there in "$directory/was$place"/*/; do
        there=$(basename "$there")
        [[ " $* " != *" $there "* && $there != '*' ]] || continue
        mkdir "$place/$there"
        mount --rbind "$directory/was$place/$there" "$place/$there"
    done
}
without /home ann
without /var/lib hubca nginx
mount --bind /usr /usr
mount -o remount,bind,ro /usr
mount -t tmpfs tmpfs /var/log
mount -t tmpfs tmpfs /run
# By this a machine is known as one of systemd's.
mkdir -p /run/systemd/system
# What an ordinary user may not read is left out.
mkdir "$directory/etc"
cp -a /etc/. "$directory/etc/" 2>/dev/null || true
rm -rf "$directory"/etc/{hubca,letsencrypt,jupyterhub,nginx/conf.d/*,nginx/sites-enabled/*}
printf '127.0.0.1 localhost\n192.168.0.1 hub.lan hub\n' >"$directory/etc/hosts"
# Here is one user only, to whom nginx can hand nothing down.
sed -i 's/^user .*/user root;/' "$directory/etc/nginx/nginx.conf" || true
mount --bind "$directory/etc" /etc
mkdir /home/ann /var/lib/nginx /var/log/nginx
export HOME=/home/ann
cd "$HOME"
if [ "$person" = root ]; then
    exec bash
fi
exec unshare --user --map-user=1000 --map-group=1000 bash
