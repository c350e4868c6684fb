//! The judgement over facts as NVIDIA's programs print them: the machines that run these tests have no GPU.

use serde_json::json;

use super::*;
use crate::Severity::{Ok, Problem, Warning};
use crate::finding::severity;

/// A machine with a GPU on which nothing is wrong.
const MACHINE: &str = "user ada\nengine-root /var/lib/docker\ngpu 0000:00:1e.0\nsmi-status 0\nsmi 550.54.15, NVIDIA A10G\nkernel-driver 550.54.15\n\
    toolkit NVIDIA Container Toolkit CLI version 1.15.0\ncontainer-cli /usr/bin/nvidia-container-cli\n\
    hook /usr/bin/nvidia-container-runtime-hook\ncdi /etc/cdi/nvidia.yaml\ndevice rw /dev/nvidia0\ndevice rw /dev/nvidiactl\ndevice rw /dev/nvidia-uvm\ndev-char /dev/char/195:0";

fn info() -> Info {
    let info = json!({
        "ServerVersion": "26.1.5", "CgroupDriver": "systemd", "CgroupVersion": "2",
        "Runtimes": { "nvidia": { "path": "nvidia-container-runtime" } }, "CDISpecDirs": ["/etc/cdi"],
    });
    Info::parse(info.to_string().as_bytes()).unwrap()
}

fn judge(machine: &str, configured: Option<GpuMode>) -> Vec<Finding> {
    judge_gpus(Some(&info()), &MachineFacts::of(machine), configured, &Place::Local)
}

#[test]
fn a_healthy_gpu_and_a_machine_without_one_are_silent() {
    for (machine, count) in [(MACHINE, 5), ("engine-root /var/lib/docker", 1), ("user ada", 1)] {
        let findings = judge(machine, None);
        assert_eq!(findings.len(), count);
        assert!(findings.iter().all(|finding| finding.severity == Ok), "{findings:#?}");
    }
}

#[test]
fn each_fault_of_a_driver_has_its_finding() {
    let smi = "smi-status 0\nsmi 550.54.15, NVIDIA A10G\n";
    for (lines, evidence) in [
        ("", "not installed"),
        (
            "smi-status 18\nsmi Failed to initialize NVML: Driver/library version mismatch\n",
            "differ in version",
        ),
        (
            "smi-status 9\nsmi NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
            "not loaded",
        ),
        ("smi-status 255\nsmi Failed to initialize NVML: Unknown Error\n", "unknown error"),
        ("smi-status 124\n", "hangs"),
        ("smi-status 6\nsmi No devices were found\n", "No devices were found"),
    ] {
        let findings = judge(&MACHINE.replace(smi, lines), None);
        assert_eq!(severity(&findings, "gpu.driver"), Problem, "{lines}");
        assert!(findings[0].evidence.contains(evidence) && findings[0].fix.is_some(), "{:?}", findings[0]);
    }
}

#[test]
fn each_fault_of_the_toolkit_and_the_devices_has_its_finding() {
    for (from, to, id, expected) in [
        (
            "toolkit NVIDIA Container Toolkit CLI version 1.15.0\ncontainer-cli /usr/bin/nvidia-container-cli\n",
            "",
            "gpu.toolkit",
            Problem,
        ),
        ("device rw /dev/nvidia0", "device no /dev/nvidia0", "gpu.devices", Problem),
        ("device rw /dev/nvidia-uvm\n", "", "gpu.devices", Warning),
        ("dev-char /dev/char/195:0", "", "gpu.nvml", Warning),
    ] {
        assert_eq!(severity(&judge(&MACHINE.replace(from, to), None), id), expected, "{id}");
    }
}

#[test]
fn a_mode_that_does_not_work_is_a_problem_that_names_one_that_does() {
    let without_cdi = MACHINE.replace("cdi /etc/cdi/nvidia.yaml\n", "");
    assert_eq!(severity(&judge(&without_cdi, Some(GpuMode::Gpus)), "gpu.mode"), Ok);
    let findings = judge(&without_cdi, Some(GpuMode::Cdi));
    let mode = findings.iter().find(|finding| finding.id == "gpu.mode").unwrap();
    assert!(
        mode.severity == Problem && mode.fix.as_ref().unwrap().to_string().contains("gpu_mode=gpus"),
        "{mode:?}"
    );
    // The program that the hook runs is installed, the hook is not.
    let without_hook = MACHINE.replace("hook /usr/bin/nvidia-container-runtime-hook\n", "");
    assert_eq!(severity(&judge(&without_hook, Some(GpuMode::Gpus)), "gpu.mode"), Problem);
    let none = Info::parse(br#"{"ServerVersion":"26.1.5"}"#).unwrap();
    let machine = MachineFacts::of("engine-root /x\ngpu x\nsmi-status 0");
    let findings = judge_gpus(Some(&none), &machine, None, &Place::Local);
    assert_eq!(severity(&findings, "gpu.mode"), Problem);
}
