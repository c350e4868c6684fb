//! What is refused before a dock is reached.

use dockerutils_testkit::Project;

#[test]
fn a_flag_that_decides_who_reaches_the_server_is_refused() {
    for flag in ["--ip=0.0.0.0", "--port=9", "--ServerApp.sock=/tmp/s", "--IdentityProvider.token="] {
        let outcome = Project::new().command("nb-dock").args(["gpu", "--", flag]).run();
        outcome.status(2).stderr_has(&format!("`{flag}` decides who reaches the server"));
    }
}

#[test]
fn a_dock_that_is_not_registered_is_an_error() {
    Project::new().command("nb-dock").arg("gpu").run().status(1).stderr_has("gpu");
    Project::new().command("nb-dock").run().status(1).stderr_has("specify a dock");
}

#[test]
fn idle_hours_are_a_number() {
    for hours in ["x", "0", "-1", "1e9", "nan"] {
        let idle = format!("--idle={hours}");
        Project::new().command("nb-dock").args(["gpu", &idle]).run().status(2).stderr_has("--idle");
    }
}
