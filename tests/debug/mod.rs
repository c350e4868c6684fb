//! `debug-image` with real engines, and with engines that change while it looks.

mod last;
mod real;
