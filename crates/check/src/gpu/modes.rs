//! Which `gpu_mode` works.

use dockerutils_config::GpuMode;

use crate::docker_output::Info;
use crate::{Finding, MachineFacts, Place};

const ID: &str = "gpu.mode";

/// The modes in the order in which they are recommended, and the values of the key.
const MODES: [(GpuMode, &str); 3] =
    [(GpuMode::Gpus, "gpus"), (GpuMode::Cdi, "cdi"), (GpuMode::Runtime, "runtime")];

/// Names the modes that work, and judges the configured one.
pub(super) fn mode(
    info: &Info,
    machine: &MachineFacts,
    configured: Option<GpuMode>,
    place: &Place,
) -> Finding {
    let works = |mode| match mode {
        // The engine searches the toolkit's hook on PATH, and the hook runs the other program.
        GpuMode::Gpus => machine.has("hook") && machine.has("container-cli"),
        GpuMode::Runtime => info.runtimes.contains_key("nvidia"),
        GpuMode::Cdi => machine.has("cdi") && !info.cdi_spec_dirs.is_empty(),
    };
    let working: Vec<&str> = MODES.iter().filter(|(mode, _)| works(*mode)).map(|(_, name)| *name).collect();
    let mode = configured.unwrap_or_default();
    let name = MODES.iter().find(|(known, _)| *known == mode).map_or("gpus", |(_, name)| name);
    match working.first() {
        _ if works(mode) => {
            Finding::ok(ID, format!("gpu_mode={name} works (of gpus, runtime, cdi: {})", working.join(", ")))
        }
        Some(other) => {
            let do_ = if working.len() == 1 { "does" } else { "do" };
            let evidence =
                format!("gpu_mode={name} does not work on this engine, {} {do_}", working.join(" and "));
            Finding::problem(ID, evidence)
                .fix(format!("${{EDITOR:-vi}} docker/dockerutils.cfg   # gpu_mode={other} under [run_image]"))
        }
        None => Finding::problem(
            ID,
            "the engine knows neither NVIDIA's runtime nor CDI, so no container gets a GPU",
        )
        .fix(
            place.line("sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker"),
        ),
    }
}
