//! The flags that give GPUs to a container, for each GPU mode.

use std::str::FromStr;

use dockerutils_config::GpuMode;

/// The prefix of NVIDIA's GPUs in CDI. <https://github.com/cncf-tags/container-device-interface>
const CDI: &str = "nvidia.com/gpu=";

/// The variable with which NVIDIA's runtime selects GPUs.
const VISIBLE_DEVICES: &str = "NVIDIA_VISIBLE_DEVICES";

/// All GPUs, or those with these indexes or UUIDs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpus(Option<Vec<String>>);

impl Gpus {
    /// All GPUs of the machine.
    pub const ALL: Gpus = Gpus(None);

    /// Returns the flags of `docker run` that request these GPUs.
    pub(crate) fn flags(&self, mode: GpuMode) -> Vec<String> {
        let list = || self.0.as_ref().map_or_else(|| "all".to_owned(), |devices| devices.join(","));
        match (mode, &self.0) {
            (GpuMode::Gpus, None) => vec!["--gpus".to_owned(), "all".to_owned()],
            // Docker parses the value as CSV, where a list needs quotes of its own.
            (GpuMode::Gpus, Some(_)) => vec!["--gpus".to_owned(), format!("\"device={}\"", list())],
            (GpuMode::Runtime, _) => {
                vec!["--runtime=nvidia".to_owned(), "-e".to_owned(), format!("{VISIBLE_DEVICES}={}", list())]
            }
            (GpuMode::Cdi, devices) => {
                let all = vec!["all".to_owned()];
                let devices = devices.as_ref().unwrap_or(&all).iter();
                devices.flat_map(|device| ["--device".to_owned(), format!("{CDI}{device}")]).collect()
            }
        }
    }
}

impl FromStr for Gpus {
    type Err = String;

    /// Parses `all`, or a list such as `2,4,7`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Gpus::ALL);
        }
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_');
        let devices: Vec<String> = text.split(',').map(|device| device.trim().to_owned()).collect();
        match devices.iter().find(|device| device.is_empty() || !device.chars().all(legal)) {
            Some(odd) => Err(format!("`{odd}` is not the index or UUID of a GPU: expected for example 0,1")),
            None => Ok(Gpus(Some(devices))),
        }
    }
}

/// Returns the value of `--gpus` with the quotes around its list of devices; `None` if it has no list, or has quotes.
///
/// docker parses the value as CSV, and would take `2` in `device=0,2` for a setting of its own. A shell removes the quotes
/// in `--gpus "device=0,2"`, as docker's documentation once had it.
pub(crate) fn quote_device_list(value: &str) -> Option<String> {
    let list = value.strip_prefix("device=").filter(|list| !list.contains('"'))?;
    // The list ends before the next `key=value`.
    let fields: Vec<&str> = list.split(',').collect();
    let count = fields.iter().take_while(|field| !field.contains('=')).count();
    let rest = fields[count..].iter().map(|field| format!(",{field}")).collect::<String>();
    (count > 1).then(|| format!("\"device={}\"{rest}", fields[..count].join(",")))
}

/// Returns whether a flag of `docker run` selects GPUs, in any mode.
pub(crate) fn selects_gpus(name: &str, value: &str) -> bool {
    match name {
        "gpus" => true,
        "device" => value.starts_with(CDI),
        "runtime" => value == "nvidia",
        "e" | "env" => value.split('=').next() == Some(VISIBLE_DEVICES),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_devices_without_quotes_gets_them() {
        for (value, expected) in [
            ("device=0,2", Some("\"device=0,2\"")),
            ("device=0,2,capabilities=utility", Some("\"device=0,2\",capabilities=utility")),
            ("device=0", None),
            ("device=0,capabilities=utility", None),
            ("\"device=0,2\"", None),
            ("all", None),
        ] {
            assert_eq!(quote_device_list(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_list_with_an_empty_or_quoted_device_is_refused() {
        assert_eq!("all".parse(), Ok(Gpus::ALL));
        assert_eq!("2, 4".parse(), Ok(Gpus(Some(vec!["2".to_owned(), "4".to_owned()]))));
        assert!("2,,4".parse::<Gpus>().is_err());
        assert!("\"2".parse::<Gpus>().is_err());
    }
}
