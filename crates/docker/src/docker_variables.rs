//! The variables that docker itself reads: a value for the container under such a name must not be put into docker's own
//! environment.

/// Names that docker's client, its plugins, the loader of programs, or the bash that an echo is pasted into use.
/// <https://docs.docker.com/reference/cli/docker/#environment-variables>
const NAMES: [&str; 48] = [
    "ALL_PROXY",
    "BASHOPTS",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_ENV",
    "BASH_LINENO",
    "BASH_SOURCE",
    "BASH_VERSINFO",
    "COLUMNS",
    "DOCKER_API_VERSION",
    "DOCKER_AUTH_CONFIG",
    "DOCKER_BUILDKIT",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_CUSTOM_HEADERS",
    "DOCKER_DEFAULT_PLATFORM",
    "DOCKER_HIDE_LEGACY_COMMANDS",
    "DOCKER_HOST",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "ENV",
    "EUID",
    "FUNCNAME",
    "GODEBUG",
    "GROUPS",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "IFS",
    "LANG",
    "LOGNAME",
    "NO_COLOR",
    "NO_PROXY",
    "OLDPWD",
    "PATH",
    "PPID",
    "PWD",
    "SHELL",
    "SHELLOPTS",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "TMPDIR",
    "UID",
    "USER",
    "_",
];

/// The beginnings of further names.
const PREFIXES: [&str; 10] = [
    "BUILDKIT_",
    "BUILDX_",
    "DBUS_",
    "DOCKER_CLI_",
    "DOCKER_CONTENT_TRUST",
    "DYLD_",
    "LC_",
    "LD_",
    "OTEL_",
    "XDG_",
];

/// Returns whether docker itself reads the variable of this name. Those of proxies count in lower case, too.
pub(crate) fn is_read_by_docker(name: &str) -> bool {
    let is_proxy = name.to_ascii_uppercase().ends_with("_PROXY");
    let name = if is_proxy { name.to_ascii_uppercase() } else { name.to_owned() };
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_docker_are_known_and_others_that_begin_alike_are_not() {
        for name in
            ["PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG", "https_proxy", "HTTP_PROXY", "LD_PRELOAD"]
        {
            assert!(is_read_by_docker(name), "{name}");
        }
        for name in ["DOCKER_PASSWORD", "DOCKER_HUB_TOKEN", "MY_PATH", "home", "AWS_SECRET_ACCESS_KEY"] {
            assert!(!is_read_by_docker(name), "{name}");
        }
    }
}
