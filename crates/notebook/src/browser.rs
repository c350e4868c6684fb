//! The commands that open an address in the user's browser.

use dockerutils_command::Command;

/// What the environment shows of the user's desktop.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Desktop {
    /// `$BROWSER`: commands separated by colons. An address replaces `%s`, or is the last argument.
    pub browser: Option<String>,
    /// Whether a display can be reached.
    pub has_display: bool,
    /// Whether this is macOS.
    pub is_macos: bool,
    /// Whether this is Linux in Windows (WSL), whose browser is that of Windows.
    pub is_wsl: bool,
}

impl Desktop {
    /// Reads the environment through `variable`, which returns the value of a variable that is set.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        // Continuous integration has no user.
        if is_set("CI") && !is_set("BROWSER") {
            return Desktop::default();
        }
        let kernel =
            dockerutils_file::read_to_string("/proc/sys/kernel/osrelease".as_ref()).unwrap_or_default();
        Desktop {
            browser: variable("BROWSER").filter(|browser| !browser.is_empty()),
            has_display: is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"),
            is_macos: cfg!(target_os = "macos"),
            is_wsl: is_set("WSL_DISTRO_NAME") || kernel.to_lowercase().contains("microsoft"),
        }
    }
}

/// Returns the commands to try, one after the other; none without a display, or with `BROWSER=none`.
pub fn browser_commands(desktop: &Desktop, address: &str) -> Vec<Command> {
    let with = |words: &[&str]| {
        let (program, args) = words.split_first()?;
        Some(Command::new(*program).args(args.iter().copied()).arg(address))
    };
    match &desktop.browser {
        Some(browser) if browser == "none" => return Vec::new(),
        Some(browser) => return browser.split(':').filter_map(|one| configured(one, address)).collect(),
        None => {}
    }
    let known: &[&[&str]] = if desktop.is_macos {
        &[&["open"]]
    } else if desktop.is_wsl {
        &[&["wslview"], &["rundll32.exe", "url.dll,FileProtocolHandler"]]
    } else if desktop.has_display {
        &[&["xdg-open"], &["gio", "open"], &["x-www-browser"]]
    } else {
        &[]
    };
    known.iter().filter_map(|words| with(words)).collect()
}

/// Returns one command of `$BROWSER`; `None` if it is empty or has a quote that is never closed.
fn configured(command: &str, address: &str) -> Option<Command> {
    let mut words = shlex::split(command)?;
    if words.iter().any(|word| word.contains("%s")) {
        words.iter_mut().for_each(|word| *word = word.replace("%s", address));
    } else {
        words.push(address.to_owned());
    }
    let program = words.remove(0);
    (program != address).then(|| Command::new(program).args(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(desktop: &Desktop) -> Vec<String> {
        browser_commands(desktop, "http://x/1").iter().map(Command::to_shell).collect()
    }

    #[test]
    fn the_commands_depend_on_the_desktop() {
        let none = Desktop::default();
        assert_eq!(lines(&none), Vec::<String>::new());
        let linux = Desktop { has_display: true, ..none.clone() };
        assert_eq!(lines(&linux), ["xdg-open http://x/1", "gio open http://x/1", "x-www-browser http://x/1"]);
        let wsl = Desktop { is_wsl: true, ..none.clone() };
        assert_eq!(
            lines(&wsl),
            ["wslview http://x/1", "rundll32.exe 'url.dll,FileProtocolHandler' http://x/1"]
        );
        assert_eq!(lines(&Desktop { is_macos: true, ..none }), ["open http://x/1"]);
    }

    #[test]
    fn browser_names_commands_in_order() {
        let browser =
            |text: &str| Desktop { browser: Some(text.to_owned()), has_display: true, ..Desktop::default() };
        assert_eq!(
            lines(&browser("firefox --new-tab '%s':my browser:")),
            ["firefox --new-tab http://x/1", "my browser http://x/1"]
        );
        assert_eq!(lines(&browser("none")), Vec::<String>::new());
        assert_eq!(lines(&browser("'open")), Vec::<String>::new());
    }

    #[test]
    fn the_environment_is_read() {
        let desktop = |set: &'static [(&str, &str)]| {
            Desktop::of(|name| {
                set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(desktop(&[("WAYLAND_DISPLAY", "wayland-0")]).has_display);
        assert!(!desktop(&[("DISPLAY", "")]).has_display);
        assert!(desktop(&[("WSL_DISTRO_NAME", "Debian")]).is_wsl);
        assert_eq!(desktop(&[("DISPLAY", ":0"), ("CI", "true")]), Desktop::default());
        assert_eq!(desktop(&[("BROWSER", "w3m"), ("CI", "true")]).browser.as_deref(), Some("w3m"));
    }
}
