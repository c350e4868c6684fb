#!/bin/sh
exec /usr/local/bin/shutdown now
