//! What the user reads before anything is made: who, where, what, and what it costs.

use aws_sdk_ec2::types::{GpuDeviceMemoryInfo, GpuInfo, MemoryInfo};

use super::plan::{Plan, PlannedGroup};
use super::survey::Survey;
use super::{Request, image};
use crate::Account;

/// Reports the account, the type and the price.
pub(super) fn report(account: &Account<'_>, survey: &Survey, plan: &Plan, request: &Request) {
    let profile = account.profile().map(|profile| format!(" (profile {profile})")).unwrap_or_default();
    account.note(format!(
        "{} in account {}{profile}, {}",
        survey.caller.name(),
        plan.account,
        account.region()
    ));
    let first = &plan.candidates[0].instance_type;
    account.note(format!("{first}: {}; {}", hardware(survey, first), costs(plan, request)));
    if let PlannedGroup::Own { sources, .. } = &plan.group
        && sources.iter().any(|source| source.is_everything())
    {
        account.note("warning: every address of the internet may connect to port 22, as --allow states");
    }
    if request.settings.iam_instance_profile.is_some() {
        account.note("containers can use the role of the machine, because the metadata hop limit is 2");
    }
}

/// Returns `4 vCPU, 16 GiB, 1 NVIDIA L4 (22 GiB)`.
fn hardware(survey: &Survey, name: &str) -> String {
    let Some(info) = image::info(survey, name) else { return "unknown hardware".to_owned() };
    let cpus = image::cpus(survey, name);
    let memory = info.memory_info().and_then(MemoryInfo::size_in_mib).unwrap_or_default();
    let mut text = format!("{cpus} vCPU, {}", gibibytes(memory));
    for gpu in info.gpu_info().map(GpuInfo::gpus).unwrap_or_default() {
        let memory = gpu.memory_info().and_then(GpuDeviceMemoryInfo::size_in_mib).unwrap_or_default();
        let (maker, name) = (gpu.manufacturer().unwrap_or_default(), gpu.name().unwrap_or_default());
        let count = gpu.count().unwrap_or(1);
        text += &format!(", {count} {maker} {name} ({})", gibibytes(memory.into()));
    }
    text
}

/// Returns a size without digits that carry nothing: `16 GiB`, `0.5 GiB`.
fn gibibytes(mebibytes: i64) -> String {
    match (mebibytes / 1024, mebibytes % 1024) {
        (whole, 0) => format!("{whole} GiB"),
        (0, part) => format!("{part} MiB"),
        (whole, part) => format!("{whole}.{} GiB", part * 10 / 1024),
    }
}

fn costs(plan: &Plan, request: &Request) -> String {
    let Some(price) = &plan.price else { return "the price is not known".to_owned() };
    let market = if request.settings.is_spot { " as a spot instance" } else { "" };
    let disk = match price.disk_per_month {
        Some(disk) => {
            format!(", {:.2} $/month for {} GB when stopped", disk.get(), plan.disk_size)
        }
        None => String::new(),
    };
    format!("{:.4} $/h while it runs{market}{disk} (prices of {})", price.per_hour.get(), price.date)
}
