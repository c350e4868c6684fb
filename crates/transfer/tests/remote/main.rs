//! Targets: what real docks say that they have, and what arrives there.

mod far;
mod faults;
mod inspecting;
mod receiving;
