//! NVIDIA's GPUs: the driver, the toolkit that gives them to containers, and which `gpu_mode` works.

mod modes;

use dockerutils_config::GpuMode;

use crate::docker_output::Info;
use crate::{Finding, MachineFacts, Place};

const DRIVER: &str = "gpu.driver";

/// Judges the GPUs of a machine. `configured` is the `gpu_mode` of the project, if there is one.
pub fn judge_gpus(
    info: Option<&Info>,
    machine: &MachineFacts,
    configured: Option<GpuMode>,
    place: &Place,
) -> Vec<Finding> {
    if !machine.is_of_engine() {
        return vec![Finding::ok(
            DRIVER,
            "not known: the GPUs of the engine's machine cannot be seen from here",
        )];
    }
    if !machine.has("gpu") && !machine.has("smi-status") && !machine.has("kernel-driver") {
        return vec![Finding::ok(DRIVER, "the machine has no GPU of NVIDIA")];
    }
    let mut findings = vec![driver(machine, place)];
    findings.push(toolkit(machine, place));
    findings.extend(
        info.filter(|info| info.is_reached()).map(|info| modes::mode(info, machine, configured, place)),
    );
    findings.extend(devices(machine, place));
    findings.extend(info.and_then(|info| lost_devices(info, machine, place)));
    findings
}

fn driver(machine: &MachineFacts, place: &Place) -> Finding {
    let printed: Vec<&str> = machine.all("smi").collect();
    let text = printed.join(" ");
    let reboot = place.line("sudo reboot");
    match machine.number("smi-status") {
        None => Finding::problem(
            DRIVER,
            "the machine has a GPU of NVIDIA, and no nvidia-smi: the driver is not installed",
        )
        .fix(place.line("sudo ubuntu-drivers install")),
        Some(0) => {
            let (version, name) = text.split_once(", ").unwrap_or(("", &text));
            Finding::ok(
                DRIVER,
                format!("driver {version}; {}", count(printed.len(), name.split(',').next().unwrap_or(name))),
            )
        }
        _ if text.contains("version mismatch") => {
            let kernel = machine.get("kernel-driver").unwrap_or("of another version");
            let evidence = format!(
                "the kernel's driver ({kernel}) and its library differ in version, as after an upgrade of the driver"
            );
            Finding::problem(DRIVER, evidence).fix(reboot)
        }
        _ if text.contains("Unknown Error") => Finding::problem(
            DRIVER,
            "NVML reports an unknown error: the process may not use the devices any more",
        )
        .fix(reboot),
        _ if text.contains("couldn't communicate with the NVIDIA driver") => {
            let evidence = "the driver is not loaded, as after an upgrade of the kernel";
            Finding::problem(DRIVER, evidence)
                .fix(place.line("sudo modprobe nvidia || sudo dkms autoinstall"))
        }
        Some(124) => Finding::problem(DRIVER, "nvidia-smi does not respond: the driver hangs").fix(reboot),
        _ => Finding::problem(DRIVER, format!("nvidia-smi fails: {text}")).fix(reboot),
    }
}

fn count(count: usize, name: &str) -> String {
    if count == 1 { format!("one GPU, {name}") } else { format!("{count} GPUs, {name}") }
}

fn toolkit(machine: &MachineFacts, place: &Place) -> Finding {
    let id = "gpu.toolkit";
    match (machine.get("toolkit"), machine.get("container-cli")) {
        (Some(version), _) => Finding::ok(id, version),
        (None, Some(path)) => Finding::ok(id, format!("{path} without nvidia-ctk, of an old toolkit")),
        (None, None) => Finding::problem(id, "NVIDIA's container toolkit is not installed, so no container gets a GPU")
            .fix(place.line("sudo apt-get install nvidia-container-toolkit && sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker")),
    }
}

/// Judges the permissions of the devices, and whether that of CUDA exists.
fn devices(machine: &MachineFacts, place: &Place) -> Option<Finding> {
    let id = "gpu.devices";
    let devices: Vec<(&str, &str)> =
        machine.all("device").filter_map(|device| device.split_once(' ')).collect();
    let refused: Vec<&str> =
        devices.iter().filter(|(mode, _)| *mode == "no").map(|(_, path)| *path).collect();
    if !refused.is_empty() {
        let evidence = format!("{} may not use {}", machine.user(), refused.join(", "));
        let fix = format!(
            "sudo usermod -aG video,render {}; sudo chmod a+rw {}",
            machine.user(),
            refused.join(" ")
        );
        return Some(Finding::problem(id, evidence).fix(place.line(&fix)));
    }
    if devices.is_empty() {
        return None;
    }
    if devices.iter().all(|(_, path)| *path != "/dev/nvidia-uvm") {
        let evidence = "/dev/nvidia-uvm does not exist, so CUDA finds no GPU";
        return Some(Finding::warning(id, evidence).fix(place.line("sudo nvidia-modprobe -u -c 0")));
    }
    Some(Finding::ok(id, "the devices can be used"))
}

/// Finds the cause of "NVML: Unknown Error" in containers: systemd, when it is reloaded, takes devices away from them that it
/// finds no link for. <https://github.com/NVIDIA/nvidia-container-toolkit/issues/48>
fn lost_devices(info: &Info, machine: &MachineFacts, place: &Place) -> Option<Finding> {
    let is_at_risk =
        info.cgroup_driver == "systemd" && info.cgroup_version == "2" && !machine.has("dev-char");
    if machine.number("smi-status") != Some(0) {
        return None;
    }
    let id = "gpu.nvml";
    if !is_at_risk {
        return Some(Finding::ok(id, "containers keep their GPUs when systemd is reloaded"));
    }
    let evidence = "containers lose their GPUs (\"NVML: Unknown Error\") when systemd is reloaded";
    let fix = "sudo nvidia-ctk system create-dev-char-symlinks --create-all";
    Some(Finding::warning(id, evidence).fix(place.line(fix)))
}

#[cfg(test)]
mod tests;
