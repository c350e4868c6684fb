//! The receiving half of a transfer, with real docks: what is inspected there, what arrives, and what goes wrong.

mod docks;
mod faults;
mod inspecting;
mod receiving;
