//! What is free at the engine's data, and what could go.

use crate::docker_output::{Info, Usage};
use crate::{Bytes, Finding, MachineFacts, Place};

/// Below this, builds fail.
const LITTLE: u64 = 1_000_000_000;

/// Below this, the next large image fails.
const SOME: u64 = 5_000_000_000;

/// What may lie around without a warning.
const MUCH: u64 = 50_000_000_000;

/// Judges free space and inodes. Without facts, as for an engine in a virtual machine, it returns nothing.
pub(super) fn space(machine: &MachineFacts, info: &Info, place: &Place) -> Vec<Finding> {
    let root = &info.docker_root_dir;
    if info.is_desktop() {
        return Vec::new();
    }
    let free = machine.pair("disk").map(|(free, total)| (free * 1024, total * 1024));
    let space = free.map(|(free, total)| {
        let evidence = format!("{} of {} are free at {root}", Bytes(free), Bytes(total));
        let finding = match free {
            ..LITTLE => Finding::problem("engine.space", evidence),
            LITTLE..SOME => Finding::warning("engine.space", evidence),
            _ => return Finding::ok("engine.space", evidence),
        };
        finding.fix(place.docker_line("docker builder prune; docker image prune"))
    });
    let inodes = machine.pair("inodes").filter(|(_, total)| *total > 0).map(|(free, total)| {
        let evidence = format!("{free} of {total} inodes are free at {root}");
        let finding = match free * 100 / total {
            ..1 => Finding::problem("engine.inodes", evidence),
            1..10 => Finding::warning("engine.inodes", evidence),
            _ => return Finding::ok("engine.inodes", evidence),
        };
        finding.fix(place.docker_line("docker builder prune; docker image prune"))
    });
    space.into_iter().chain(inodes).collect()
}

/// Judges the size of images and build cache that nothing uses.
pub(super) fn reclaimable(usage: Option<&[Usage]>, machine: &MachineFacts, place: &Place) -> Finding {
    let id = "engine.reclaimable";
    let Some(usage) = usage else {
        return Finding::ok(id, "not known: docker system df takes long");
    };
    let of = |kind: &str| usage.iter().find(|line| line.kind == kind);
    let bytes = |line: Option<&Usage>| line.map_or((0, 0), |line| (line.bytes(), line.reclaimable_bytes()));
    let ((images, unused), (cache, old)) = (bytes(of("Images")), bytes(of("Build Cache")));
    let evidence = format!(
        "images have {}, {} of them without a container; the build cache has {}, {} of it without use",
        Bytes(images),
        Bytes(unused),
        Bytes(cache),
        Bytes(old)
    );
    let free = machine.pair("disk").map_or(u64::MAX, |(free, _)| free * 1024);
    if unused + old < MUCH.min(free) {
        return Finding::ok(id, evidence);
    }
    let fix = "docker builder prune --filter until=168h; docker image prune --all --filter until=720h";
    Finding::warning(id, evidence).fix(place.docker_line(fix))
}
