//! The script that prints facts about a machine, run on a folder that looks like a machine with a GPU, with stubs of NVIDIA's
//! programs.

#![expect(clippy::disallowed_types, reason = "a test without an echo")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use dockerutils_check::{Finding, Info, MachineFacts, Place, Severity, judge_gpus, local_script};
use dockerutils_config::GpuMode;
use dockerutils_ssh::RUN_INPUT;

const PROGRAMS: [(&str, &str); 4] = [
    ("nvidia-smi", "echo '560.35.03, NVIDIA A10G'"),
    ("nvidia-ctk", "echo 'NVIDIA Container Toolkit CLI version 1.16.2'"),
    ("nvidia-container-cli", ""),
    ("nvidia-container-runtime-hook", ""),
];

const FILES: [(&str, &str); 8] = [
    ("sys/bus/pci/devices/0000:00:1e.0/vendor", "0x10de\n"),
    ("sys/bus/pci/devices/0000:00:1e.0/class", "0x030200\n"),
    (
        "proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build  (builder@U16)\nGCC version:  gcc version 12.2.0\n",
    ),
    ("etc/cdi/nvidia.yaml", ""),
    ("dev/nvidia0", ""),
    ("dev/nvidiactl", ""),
    ("dev/nvidia-uvm", ""),
    ("dev/char/195:0", ""),
];

fn machine() -> tempfile::TempDir {
    let machine = tempfile::tempdir().expect("a folder");
    for (path, text) in FILES {
        write(machine.path(), path, text);
    }
    for (name, script) in PROGRAMS {
        stub(machine.path(), name, script);
    }
    machine
}

fn write(machine: &Path, path: &str, text: &str) {
    let file = machine.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, text).expect("a file");
}

fn stub(machine: &Path, name: &str, script: &str) {
    let path = format!("stubs/{name}");
    write(machine, &path, &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(machine.join(path), fs::Permissions::from_mode(0o755)).expect("permissions");
}

fn remove(machine: &Path, path: &str) {
    fs::remove_file(machine.join(path)).expect("a file");
}

/// Runs the script there and judges what it prints.
fn judge(machine: &Path, configured: GpuMode) -> Vec<Finding> {
    let info = br#"{"ServerVersion":"26.1.5","CgroupDriver":"systemd","CgroupVersion":"2","CDISpecDirs":["/etc/cdi"],
        "Runtimes":{"nvidia":{"path":"nvidia-container-runtime"}}}"#;
    let info = Info::parse(info).expect("facts");
    let path = format!("{}:/usr/bin:/bin", machine.join("stubs").display());
    let mut shell = Command::new("/bin/sh")
        .args(["-c", RUN_INPUT])
        .env("PATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let script = local_script(&machine.to_string_lossy()).expect("a script");
    shell.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("a reader");
    let output = shell.wait_with_output().expect("an end");
    let facts = MachineFacts::parse(&output.stdout).expect("a complete output");
    judge_gpus(Some(&info), &facts, Some(configured), &Place::Local)
}

#[track_caller]
fn assert_finding(findings: &[Finding], id: &str, severity: Severity, evidence: &str) {
    let found = findings.iter().find(|finding| finding.id == id);
    let found = found.unwrap_or_else(|| panic!("no {id} in {findings:#?}"));
    assert!(found.severity == severity && found.evidence.contains(evidence), "{found:#?}");
}

#[test]
fn a_healthy_gpu_is_silent() {
    let machine = machine();
    for mode in [GpuMode::Gpus, GpuMode::Cdi, GpuMode::Runtime] {
        let findings = judge(machine.path(), mode);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Ok), "{findings:#?}");
        assert_eq!(findings.len(), 5);
    }
    let findings = judge(machine.path(), GpuMode::Gpus);
    assert_finding(&findings, "gpu.driver", Severity::Ok, "driver 560.35.03; one GPU, NVIDIA A10G");
    assert_finding(&findings, "gpu.toolkit", Severity::Ok, "1.16.2");
    assert_finding(&findings, "gpu.mode", Severity::Ok, "gpus, cdi, runtime");
}

#[test]
fn the_version_of_the_kernel_s_driver_is_read_whatever_its_kind() {
    let machine = machine();
    let mismatch = "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18";
    stub(machine.path(), "nvidia-smi", mismatch);
    for (line, version) in [
        ("NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build  (builder@U16)", "560.35.03"),
        ("NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024", "550.54.15"),
        ("NVIDIA UNIX x86_64 Kernel Module  470.256", "470.256"),
    ] {
        write(machine.path(), "proc/driver/nvidia/version", &format!("NVRM version: {line}\n"));
        let evidence = format!("the kernel's driver ({version}) and its library differ");
        assert_finding(&judge(machine.path(), GpuMode::Gpus), "gpu.driver", Severity::Problem, &evidence);
    }
}

#[test]
fn each_state_of_a_machine_with_a_gpu_has_its_finding() {
    let broken = machine();
    let machine = broken.path();
    remove(machine, "stubs/nvidia-container-runtime-hook");
    assert_finding(&judge(machine, GpuMode::Gpus), "gpu.mode", Severity::Problem, "cdi and runtime do");
    remove(machine, "etc/cdi/nvidia.yaml");
    assert_finding(&judge(machine, GpuMode::Cdi), "gpu.mode", Severity::Problem, "runtime does");
    remove(machine, "dev/char/195:0");
    assert_finding(&judge(machine, GpuMode::Runtime), "gpu.nvml", Severity::Warning, "lose their GPUs");
    remove(machine, "dev/nvidia-uvm");
    assert_finding(&judge(machine, GpuMode::Runtime), "gpu.devices", Severity::Warning, "nvidia-uvm");
    for program in ["nvidia-ctk", "nvidia-container-cli"] {
        remove(machine, &format!("stubs/{program}"));
    }
    assert_finding(&judge(machine, GpuMode::Runtime), "gpu.toolkit", Severity::Problem, "not installed");
    remove(machine, "stubs/nvidia-smi");
    assert_finding(&judge(machine, GpuMode::Runtime), "gpu.driver", Severity::Problem, "no nvidia-smi");
    for (path, _) in FILES.iter().filter(|(path, _)| path.starts_with("sys") || path.starts_with("proc")) {
        remove(machine, path);
    }
    assert_finding(&judge(machine, GpuMode::Runtime), "gpu.driver", Severity::Ok, "no GPU");
}
