use super::*;

/// Evidence of an exit status, and what was printed, on an engine for amd64.
fn evidence<'a>(exit_code: i64, error: &'a str, log: &'a [String]) -> Evidence<'a> {
    Evidence {
        image: "dev",
        exit_code,
        engine_error: error,
        log,
        shm_size: DEFAULT_SHM,
        engine_memory: Some(2_000_000_000),
        image_architecture: Some("amd64"),
        engine_architecture: Some("amd64"),
        ..Evidence::default()
    }
}

fn ids(evidence: &Evidence) -> Vec<&'static str> {
    evidence.causes().iter().map(|cause| cause.id).collect()
}

#[test]
fn each_exit_status_and_each_text_has_its_cause() {
    for (exit_code, error, line, expected) in [
        (0, "", "", &["ended"][..]),
        (1, "", "ValueError: x", &[]),
        (3, "", "", &[]),
        (125, "", "", &["not-run"]),
        (126, "", "", &["not-executable"]),
        (127, "", "", &["not-found"]),
        (128, "OCI runtime create failed", "", &["not-started"]),
        (129, "", "", &["signal"]),
        (130, "", "", &["stopped"]),
        (132, "", "", &["illegal-instruction"]),
        (134, "", "", &["aborted"]),
        (137, "", "", &["killed"]),
        (139, "", "", &["segmentation-fault"]),
        (143, "", "", &["stopped"]),
        (200, "", "", &[]),
        (1, "", "exec /app: exec format error", &["exec-format"]),
        (126, "exec /app: exec format error: unknown", "", &["exec-format"]),
        (135, "", "", &["shm"]),
        (1, "", "Bus error (core dumped)", &["shm"]),
        (
            1,
            "",
            "It is possible that dataloader's workers are out of shared memory: insufficient shared memory (shm)",
            &["shm"],
        ),
        (1, "", "OSError: /dev/shm: No space left on device", &["shm"]),
        (1, "", "write: No space left on device", &["no-space"]),
        (255, "", "Failed to initialize NVML: Driver/library version mismatch", &["nvml-mismatch"]),
        (255, "", "Failed to initialize NVML: Unknown Error", &["nvml-unknown"]),
        (1, "", "CUDA driver version is insufficient for CUDA runtime version", &["cuda-driver"]),
        (
            128,
            "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.4",
            "",
            &["cuda-driver"],
        ),
        (128, "could not select device driver \"\" with capabilities: [[gpu]]", "", &["no-gpu-support"]),
        (1, "", "ImportError: libcuda.so.1: cannot open shared object file", &["no-gpu"]),
        (128, "driver failed: Bind for 0.0.0.0:80 failed: port is already allocated", "", &["port-taken"]),
        (127, "", "/usr/bin/env: 'bash\\r': No such file or directory", &["carriage-return"]),
    ] {
        let log = [line.to_owned()];
        assert_eq!(ids(&evidence(exit_code, error, &log)), expected, "{exit_code} {error} {line}");
    }
}

#[test]
fn every_cause_has_a_remedy_that_names_the_image_where_a_command_needs_it() {
    let log = ["found no NVIDIA driver".to_owned()];
    assert!(evidence(1, "", &log).causes()[0].remedy.contains("`run-image -g dev`"));
    assert!(evidence(127, "", &[]).causes()[0].remedy.contains("`debug-image dev` opens a shell"));
    for code in 0..256 {
        for cause in evidence(code, "", &[]).causes() {
            assert!(
                !cause.what.is_empty() && !cause.remedy.is_empty() && !cause.remedy.contains("IMAGE"),
                "{cause:?}"
            );
        }
    }
}

#[test]
fn a_lack_of_memory_names_the_limit_that_was_reached() {
    let killed = Evidence { is_oom_killed: true, ..evidence(137, "", &[]) };
    let what = |memory_limit| Evidence { memory_limit, ..killed.clone() }.causes()[0].what.clone();
    assert_eq!(what(536_870_912), "the kernel killed it at its limit of memory, 512 MB");
    let of_machine = "the kernel killed it, because the engine's machine (2.0 GB) had no memory left";
    assert_eq!((what(0).as_str(), what(4_000_000_000).as_str()), (of_machine, of_machine));
    // A child may have been killed, and the program may have ended by itself because of that.
    assert_eq!(ids(&Evidence { exit_code: 1, ..killed }), ["out-of-memory"]);
}

#[test]
fn an_image_for_another_architecture_is_named_only_if_its_program_could_not_run() {
    let log = ["exec /bin/sh: exec format error".to_owned()];
    let foreign = Evidence { image_architecture: Some("arm64"), ..evidence(255, "", &log) };
    let causes = foreign.causes();
    assert_eq!(causes.len(), 1);
    assert_eq!(causes[0].what, "the image is for arm64, and the engine's machine is amd64");
    assert!(causes[0].remedy.contains("`build-image dev -- --platform linux/amd64`"));
    assert_eq!(ids(&Evidence { log: &[], exit_code: 1, ..foreign }), Vec::<&str>::new());
}

#[test]
fn a_bus_error_with_enough_shared_memory_has_another_cause() {
    assert_eq!(ids(&Evidence { shm_size: 2 << 30, ..evidence(135, "", &[]) }), ["signal"]);
    assert_eq!(signal_name(135), Some("SIGBUS"));
    assert_eq!([signal_name(1), signal_name(255)], [None, None]);
}
