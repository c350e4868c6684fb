//! Keys of other tools, and lines that have become keys by mistake, with what to write in their place.

use crate::keys::{DOCKED, KEYS};

/// Names of docker's flags and of Compose's keys, and how they are written here; `{}` stands for the value.
const SPELLINGS: &[(&str, &str)] = &[
    ("add_host", "args=--add-host {}"),
    ("cap_add", "args=--cap-add {}"),
    ("cap_drop", "args=--cap-drop {}"),
    ("command", "cmd={}"),
    ("container_name", "args=--name {}"),
    ("cpus", "args=--cpus {}"),
    ("device", "args=--device {}"),
    ("devices", "args=--device {}"),
    ("dns", "args=--dns {}"),
    ("dockerfile", "build_args=-f {}"),
    ("entrypoint", "args=--entrypoint {}"),
    ("env_file", "args=--env-file {}"),
    ("extra_hosts", "args=--add-host {}"),
    ("gpus", "gpu=--gpus {}"),
    ("hostname", "args=--hostname {}"),
    ("ipc", "args=--ipc {}"),
    ("mem_limit", "args=--memory {}"),
    ("memory", "args=--memory {}"),
    ("mount", "volumes=--mount {}"),
    ("mounts", "volumes=--mount {}"),
    ("network_mode", "network={}"),
    ("networks", "network={}"),
    ("no_cache", "build_args=--no-cache"),
    ("pid", "args=--pid {}"),
    ("platform", "args=--platform {}"),
    ("privileged", "args=--privileged"),
    ("read_only", "args=--read-only"),
    ("restart", "args=--restart {}"),
    ("runtime", "args=--runtime {}"),
    ("security_opt", "args=--security-opt {}"),
    ("shm_size", "args=--shm-size {}"),
    ("stdin_open", "interactive=-it"),
    ("sysctls", "args=--sysctl {}"),
    ("target", "build_args=--target {}"),
    ("tmpfs", "args=--tmpfs {}"),
    ("tty", "interactive=-it"),
    ("ulimit", "args=--ulimit {}"),
    ("ulimits", "args=--ulimit {}"),
    ("workdir", "args=--workdir {}"),
    ("working_dir", "args=--workdir {}"),
];

/// Returns what to write in place of an unknown key with this value, if that is known.
pub(crate) fn remedy(key: &str, value: &str) -> Option<String> {
    // `-v /a:/b` at the start of a line is a key with the value `/b`, by Python's rules.
    if key.starts_with('-') {
        return Some("indent the line to continue the value above".to_owned());
    }
    // `ports -p 80:80` is a key with the value `80`, because a colon separates them, too.
    if let Some((first, _)) = key.split_once(char::is_whitespace)
        && KEYS.iter().any(|known| first.strip_suffix(DOCKED).unwrap_or(first) == known.name)
    {
        return Some(format!("write `=` after `{first}`"));
    }
    let name = key.to_lowercase().replace('-', "_");
    let (_, spelling) = SPELLINGS.iter().find(|(known, _)| *known == name)?;
    // A value of several lines, or one that is missing, cannot be shown.
    let value = if value.is_empty() || value.contains(char::is_control) { "VALUE" } else { value };
    Some(format!("write `{}`", spelling.replace("{}", value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_have_become_keys_are_explained() {
        for (key, expected) in [
            ("ports -p 80", Some("write `=` after `ports`")),
            ("volumes_docked\t-v /a", Some("write `=` after `volumes_docked`")),
            ("-v /a", Some("indent the line to continue the value above")),
            ("porch -p 80", None),
        ] {
            assert_eq!(remedy(key, "80").as_deref(), expected, "{key}");
        }
    }
}
