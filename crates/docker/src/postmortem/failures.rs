//! Failures that are recognized by what the engine or the program has printed.

use super::Cause;

/// What programs print that find /dev/shm full: PyTorch, Boost, the C library.
pub(super) const LACK_OF_SHM: [&str; 3] =
    ["insufficient shared memory (shm)", "unable to write to file </torch_", "/dev/shm: no space left"];

/// A failure, and the texts of which one is printed, in lower case.
struct Failure {
    id: &'static str,
    texts: &'static [&'static str],
    what: &'static str,
    /// `IMAGE` stands for the name of the image.
    remedy: &'static str,
}

const FAILURES: [Failure; 11] = [
    Failure {
        id: "exec-format",
        texts: &["exec format error"],
        what: "its command is neither a program for this machine nor a script whose first line names an interpreter",
        remedy: "begin the script with `#!/bin/sh`, or build the program for this machine",
    },
    Failure {
        id: "no-space",
        texts: &["no space left on device", "disk quota exceeded"],
        what: "a disk of the engine's machine is full",
        remedy: "`docker system df` lists what takes the space, `clean-image` and `clean-image --cache` free some",
    },
    Failure {
        id: "nvml-mismatch",
        texts: &["driver/library version mismatch"],
        what: "NVIDIA's driver was updated on the engine's machine, and the kernel still has the old one",
        remedy: "restart that machine",
    },
    Failure {
        id: "nvml-unknown",
        texts: &["failed to initialize nvml: unknown error"],
        what: "the container has lost its GPUs while it ran, as after `systemctl daemon-reload`",
        remedy: "run it again; `gpu_mode=cdi` prevents it, and so does the engine's `native.cgroupdriver=cgroupfs`",
    },
    Failure {
        id: "cuda-driver",
        texts: &[
            "cuda driver version is insufficient",
            "unsatisfied condition: cuda",
            "forward compatibility was attempted on non supported hw",
            "ptx was compiled with an unsupported toolchain",
        ],
        what: "the image has a later version of CUDA than the driver of the engine's machine supports",
        remedy: "update the driver (`nvidia-smi` prints the latest CUDA that it supports), or start FROM an image with an older CUDA",
    },
    Failure {
        id: "no-gpu-support",
        texts: &[
            "could not select device driver",
            "unknown or invalid runtime name: nvidia",
            "unresolvable cdi devices",
            "nvidia-container-cli: initialization error",
        ],
        what: "the engine cannot give GPUs to containers",
        remedy: "install NVIDIA's driver and the NVIDIA Container Toolkit on its machine, or set another `gpu_mode`",
    },
    Failure {
        id: "no-gpu",
        texts: &[
            "libcuda.so.1: cannot open shared object",
            "no cuda-capable device",
            "found no nvidia driver",
        ],
        what: "the program has found no GPU",
        remedy: "run it with GPUs: `run-image -g IMAGE`",
    },
    Failure {
        id: "port-taken",
        texts: &["port is already allocated", "address already in use"],
        what: "one of its ports is taken",
        remedy: "`docker ps` lists the ports of other containers; publish another one under `ports`",
    },
    Failure {
        id: "mount",
        texts: &["mounts denied", "bind source path does not exist", "mount a directory onto a file"],
        what: "one of its mounts is not possible",
        remedy: "check the paths of `volumes`: they are paths of the engine's machine, and docker creates a folder for one that does not exist",
    },
    Failure {
        id: "no-network",
        texts: &["could not find network", "error response from daemon: network"],
        what: "its network does not exist",
        remedy: "`docker network ls` lists those that do, `docker network create NAME` makes one",
    },
    Failure {
        id: "carriage-return",
        texts: &["sh\\r'", "sh\\r’", "^m: bad interpreter", "$'\\r': command not found"],
        what: "the interpreter in the first line of a script does not exist, as if its lines end in CR LF",
        remedy: "remove the carriage returns (`sed -i 's/\\r$//' FILE`), and let git keep them out with `* text=auto eol=lf`",
    },
];

/// Returns the failures that a text, in lower case, shows.
pub(super) fn known_failures(text: &str, image: &str) -> Vec<Cause> {
    let shown = FAILURES.iter().filter(|failure| failure.texts.iter().any(|words| text.contains(words)));
    shown
        .map(|failure| Cause::new(failure.id, failure.what, failure.remedy.replace("IMAGE", image)))
        .collect()
}
