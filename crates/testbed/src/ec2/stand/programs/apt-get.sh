#!/bin/sh
# A machine has every package.
echo "apt-get $*" >>/var/log/apt
