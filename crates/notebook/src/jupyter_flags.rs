//! Flags of Jupyter that the user gives.

/// Options, without their class, that decide who reaches a server.
const REFUSED: [&str; 10] = [
    "ip",
    "port",
    "sock",
    "transport",
    "token",
    "password",
    "hashed_password",
    "password_required",
    "allow_unauthenticated_access",
    "disable_check_xsrf",
];

/// Returns the first flag that decides who reaches the server, in any spelling that Jupyter accepts: `--ip=…`, `--po`,
/// `--ServerApp.port`, `--IdentityProvider.token`.
pub fn refused_flag(flags: &[String]) -> Option<&str> {
    flags.iter().map(String::as_str).find(|flag| is_refused(flag))
}

fn is_refused(flag: &str) -> bool {
    if !flag.starts_with('-') {
        return false;
    }
    let name = flag.trim_start_matches('-').split('=').next().unwrap_or_default();
    let name = name.to_lowercase().replace('-', "_");
    match name.rsplit_once('.') {
        Some((_, option)) => REFUSED.contains(&option),
        // argparse takes any beginning of a name.
        None => !name.is_empty() && REFUSED.iter().any(|refused| refused.starts_with(&name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_decide_who_reaches_the_server_are_refused_in_every_spelling() {
        for flag in [
            "--ip=0.0.0.0",
            "--ip",
            "-ip=0.0.0.0",
            "--port=1",
            "--po=1",
            "--sock=/tmp/s",
            "--ServerApp.ip=*",
            "--NotebookApp.port",
            "--IdentityProvider.token=",
            "--ServerApp.token",
            "--NotebookApp.password=x",
            "--PasswordIdentityProvider.hashed_password=x",
            "--serverapp.Sock=x",
            "--ServerApp.allow_unauthenticated_access=True",
        ] {
            let flags = ["--debug".to_owned(), flag.to_owned()];
            assert_eq!(refused_flag(&flags), Some(flag));
        }
        let fine = ["--debug", "--LabApp.collaborative=True", "--config=/c.py", "ip", "-y", "--"];
        assert_eq!(refused_flag(&fine.map(str::to_owned)), None);
    }
}
