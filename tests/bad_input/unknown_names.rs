//! Unknown keys and sections: warnings that name what was probably meant.

use super::project;

#[test]
fn an_unknown_key_is_a_warning() {
    let project = project().cfg("[dev]\nvolume=x\nport_docked=y\nfrobnicate=z\n[web]\nzzz=1\n[old]\nq=1\n[run_image]\nsynthetic_image=x\n");
    let outcome = project.command("run-image").arg("dev").run();
    outcome.status(0);
    let warnings: Vec<&str> = outcome.stderr.lines().filter(|line| line.contains("warning")).collect();
    assert_eq!(
        warnings,
        [
            "run-image: warning: docker/dockerutils.cfg:10: [run_image] has an unknown key `synthetic_image`, did you mean `synthetic_images`?",
            "run-image: warning: docker/dockerutils.cfg:2: [dev] has an unknown key `volume`, did you mean `volumes`?",
            "run-image: warning: docker/dockerutils.cfg:3: [dev] has an unknown key `port_docked`, did you mean `ports_docked`?",
            "run-image: warning: docker/dockerutils.cfg:4: [dev] has an unknown key `frobnicate`",
        ]
    );
}

#[test]
fn keys_of_other_tools_and_misspelled_sections_are_warnings_with_the_remedy() {
    let cfg = "[dev]\nentrypoint=bash\nshm_size=8g\ngpus=all\nvolumes=-v /a:/b\n-v /c:/d\n[wbe]\ntag=1\n[old_names]\n";
    let project = project().cfg(cfg);
    let outcome = project.command("run-image").arg("dev").run();
    let warnings: Vec<&str> =
        outcome.status(0).stderr.lines().filter(|line| line.contains("warning")).collect();
    assert_eq!(
        warnings,
        [
            "run-image: warning: docker/dockerutils.cfg:2: [dev] has an unknown key `entrypoint`: write `args=--entrypoint bash`",
            "run-image: warning: docker/dockerutils.cfg:3: [dev] has an unknown key `shm_size`: write `args=--shm-size 8g`",
            "run-image: warning: docker/dockerutils.cfg:4: [dev] has an unknown key `gpus`: write `gpu=--gpus all`",
            "run-image: warning: docker/dockerutils.cfg:6: [dev] has an unknown key `-v /c`: indent the line to continue the value above",
            "run-image: warning: docker/dockerutils.cfg:7: [wbe] belongs to no image, did you mean [web]?",
        ]
    );
}
