//! The value of `--mount`: settings separated by commas, as CSV.
//!
//! A setting with a comma needs the quotes of CSV. If they are missing, docker takes the rest of a path for a setting of
//! its own. <https://docs.docker.com/engine/storage/bind-mounts/#options-for---mount>

/// The settings of a mount that docker knows.
const KEYS: &[&str] = &[
    "bind-create-src",
    "bind-nonrecursive",
    "bind-propagation",
    "bind-recursive",
    "consistency",
    "destination",
    "dst",
    "image-subpath",
    "readonly",
    "ro",
    "source",
    "src",
    "target",
    "tmpfs-mode",
    "tmpfs-options",
    "tmpfs-size",
    "type",
    "volume-driver",
    "volume-label",
    "volume-nocopy",
    "volume-opt",
    "volume-subpath",
];

/// The settings of a mount, without the quotes of CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MountSettings(Vec<String>);

impl MountSettings {
    /// Parses the value of `--mount`. What follows a comma and is not a known setting belongs to the one before.
    pub(crate) fn parse(value: &str) -> Self {
        let mut settings: Vec<String> = Vec::new();
        let mut rest = value;
        while !rest.is_empty() {
            let (field, after) = next_field(rest);
            let key = field.split_once('=').map_or(field.as_str(), |(key, _)| key).to_lowercase();
            match settings.last_mut() {
                Some(last) if !KEYS.contains(&key.as_str()) && !rest.starts_with('"') => {
                    last.push(',');
                    last.push_str(&field);
                }
                _ => settings.push(field),
            }
            rest = after;
        }
        MountSettings(settings)
    }

    /// Creates a mount with these settings, `KEY=VALUE` each.
    pub(crate) fn of(settings: impl Into<Vec<String>>) -> Self {
        MountSettings(settings.into())
    }

    /// Returns the value of the first setting with one of these keys.
    pub(crate) fn get(&self, keys: &[&str]) -> Option<&str> {
        self.0.iter().find_map(|setting| {
            setting.split_once('=').filter(|(key, _)| keys.contains(key)).map(|(_, value)| value)
        })
    }

    /// Replaces the value of the first setting with one of these keys.
    pub(crate) fn set(&mut self, keys: &[&str], value: &str) {
        let found = self.0.iter_mut().find_map(|setting| {
            let key = setting.split_once('=')?.0.to_owned();
            keys.contains(&key.as_str()).then_some((setting, key))
        });
        if let Some((setting, key)) = found {
            *setting = format!("{key}={value}");
        }
    }

    /// Writes the settings with the quotes that CSV needs.
    pub(crate) fn to_csv(&self) -> String {
        self.0.iter().map(|setting| quoted(setting)).collect::<Vec<_>>().join(",")
    }
}

/// Returns the value of `--mount` with the missing quotes; `None` if none are missing.
pub(crate) fn quote_mount(value: &str) -> Option<String> {
    // Quotes of the user's own are right, and may be written in another way than ours.
    if value.contains('"') {
        return None;
    }
    Some(MountSettings::parse(value).to_csv()).filter(|csv| csv != value)
}

/// Splits off the first field, without its quotes.
fn next_field(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (field, after) = text.split_once(',').unwrap_or((text, ""));
        return (field.to_owned(), after);
    };
    let mut field = String::new();
    let mut rest = quoted;
    // A doubled quote stands for the character itself.
    while let Some((part, after)) = rest.split_once('"') {
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return (field, after.strip_prefix(',').unwrap_or(after)),
        }
    }
    (field + rest, "")
}

fn quoted(setting: &str) -> String {
    if setting.contains([',', '"']) {
        format!("\"{}\"", setting.replace('"', "\"\""))
    } else {
        setting.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_comma_gets_quotes() {
        for (value, expected) in [
            ("type=bind,source=/a,b,target=/x", Some("type=bind,\"source=/a,b\",target=/x")),
            (
                "target=/x,type=bind,src=/a,b/c=d,e,readonly",
                Some("target=/x,type=bind,\"src=/a,b/c=d,e\",readonly"),
            ),
            ("type=bind,source=/a,target=/x,readonly,bind-propagation=rslave", None),
            ("type=bind,\"source=/a,b\",target=/x", None),
            ("type=tmpfs,destination=/t,tmpfs-size=1", None),
        ] {
            assert_eq!(quote_mount(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn quotes_are_read_and_written() {
        let value = "type=bind,\"source=/a \"\"b\"\", c\",target=/x";
        let mut settings = MountSettings::parse(value);
        assert_eq!(settings.get(&["source", "src"]), Some("/a \"b\", c"));
        assert_eq!(settings.to_csv(), value);
        settings.set(&["src", "source"], "/d");
        assert_eq!(settings.to_csv(), "type=bind,source=/d,target=/x");
    }
}
