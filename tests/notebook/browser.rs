//! A cell that is typed in the browser, and what reaches the browser.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use dockerutils_notebook::RedirectFile;
use dockerutils_testbed::{Browser, EMPTY_NOTEBOOK, Engine, Lab, engines_of_each_store};
use dockerutils_testkit::{Invocation, Project, Signal, path_starting_with, poll_until};

use super::{BROWSER, assert_no_container, browsed, engine, project, quoted, run_notebook};

/// The files of a project with a notebook.
const FILES: [&str; 7] = [
    "",
    "docker",
    "docker/dockerutils.cfg",
    "docker/notebook",
    "docker/notebook/Dockerfile",
    "data.txt",
    "a.ipynb",
];

/// `run-notebook` as a user with no other permission than to use the engine, who owns these files.
pub(super) fn as_user(project: &Project, engine: &Engine, uid: u32, files: &[&str]) -> Invocation {
    let (root, temp) = (project.root(), project.root().parent().expect("a temporary folder"));
    fs::set_permissions(temp, fs::Permissions::from_mode(0o755)).unwrap();
    let browser = project.clone().executable("browser", BROWSER).root().join("browser");
    for path in files {
        chown(root.join(path), Some(uid), Some(uid)).unwrap();
    }
    let ours = Path::new(env!("CARGO_BIN_EXE_run-notebook"));
    project.program("cp").args([ours, &temp.join("run-notebook")]).run().status(0);
    let group = fs::metadata(engine.socket()).unwrap().gid().to_string();
    let ids = uid.to_string();
    project
        .program("setpriv")
        .args(["--reuid", &ids, "--regid", &ids, "--groups", &group])
        .arg(temp.join("run-notebook"))
        .uses(engine)
        .env("BROWSER", quoted(&browser))
}

#[test]
#[ignore = "needs root: private engine"]
fn a_cell_reads_and_writes_the_project_as_the_calling_user() {
    for engine in engines_of_each_store() {
        if engine.docker(&["images", "-q", "jupyter:latest"]).is_empty() {
            engine.import_jupyter("jupyter:latest");
        }
        let project = project().file("a.ipynb", EMPTY_NOTEBOOK).file("data.txt", "forty-two");
        let running = as_user(&project, engine, 12345, &FILES).arg("a.ipynb").spawn();
        let [address, status, url] = browsed(&project);
        assert!(address.starts_with("http://127.0.0.1:") && !address.contains("token"), "{address}");
        assert_eq!(status, "303");
        assert!(url.contains("/lab/tree/a.ipynb?token="), "{url}");
        let mut browser = Browser::start().expect("a browser");
        let mut lab = Lab::open(&mut browser, &url).expect("Lab");
        let output = lab.run("print(open('data.txt').read()); open('made', 'w').close()").expect("an output");
        assert_eq!(output.trim(), "forty-two");
        lab.save().expect("saved");
        drop(browser);
        for file in ["a.ipynb", "made"] {
            assert_eq!(fs::metadata(project.root().join(file)).expect(file).uid(), 12345, "{file}");
        }
        assert!(fs::read_to_string(project.root().join("a.ipynb")).unwrap().contains("forty-two"));
        running.signal(Signal::SIGTERM);
        running.wait().status(143);
        assert_no_container(engine, &project);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn the_token_is_in_no_argument_of_any_process() {
    let (engine, project) = (engine(), project());
    let is_over = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut seen = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                seen.extend(command_lines().into_iter().filter(|line| line.contains("0123456789hush")));
            }
            seen
        });
        let token = "0123456789hush";
        let running = run_notebook(&project, engine).env("JUPYTER_TOKEN", token).spawn();
        let [_, _, url] = browsed(&project);
        assert!(url.ends_with(&format!("?token={token}")), "{url}");
        running.signal(Signal::SIGTERM);
        running.wait().status(143).stderr_lacks(token);
        is_over.store(true, Ordering::Relaxed);
        watching.join().expect("the watching thread")
    });
    assert_eq!(seen, Vec::<String>::new());
}

/// Returns the command lines of all processes.
fn command_lines() -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).into_owned()).collect()
}

#[test]
#[ignore = "needs root: private engine"]
fn another_user_who_has_seen_the_address_gets_nothing() {
    let (engine, project) = (engine(), project());
    // The browser that is started is the other user's.
    let other = format!(
        "setpriv --reuid 12345 --regid 12345 --clear-groups {}",
        quoted(&project.root().join("browser"))
    );
    fs::set_permissions(project.root().parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(project.root(), fs::Permissions::from_mode(0o777)).unwrap();
    let running = run_notebook(&project, engine).env("BROWSER", other).spawn();
    let [_, status, url] = browsed(&project);
    assert_eq!((status.as_str(), url.as_str()), ("403", "None"));
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
}

#[test]
#[ignore = "needs root: private engine"]
fn without_a_display_only_the_url_is_printed() {
    let (engine, project) = (engine(), project());
    let running = run_notebook(&project, engine).env_remove("BROWSER").spawn();
    running.wait_for_stderr("ready after");
    running.signal(Signal::SIGTERM);
    running
        .wait()
        .status(143)
        .stderr_has("/  (`run-notebook --list --token` shows it with its token; Ctrl-C ends it)\n")
        .stderr_lacks("browser:");
}

#[test]
#[ignore = "needs root: private engine"]
fn a_browser_that_fails_is_followed_by_the_next_one() {
    let (engine, project) = (engine(), project());
    let browsers = format!("false:no-such-program:{}", quoted(&project.root().join("browser")));
    let running = run_notebook(&project, engine)
        .env("BROWSER", browsers)
        .env("PATH", path_starting_with(Path::new("/none")))
        .uses(engine)
        .spawn();
    assert_eq!(browsed(&project)[1], "303");
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
    let running = run_notebook(&project, engine).env("BROWSER", "false").spawn();
    running.wait_for_stderr("no browser could be started");
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
}

/// macOS does not show whose a connection is. There the browser gets a file that only the user can read.
#[test]
#[ignore = "needs root: private engine"]
fn a_private_file_leads_the_browser_to_the_notebook() {
    let (engine, project) = (engine(), project().file("a.ipynb", EMPTY_NOTEBOOK));
    let running = run_notebook(&project, engine).arg("a.ipynb").spawn();
    let [_, _, url] = browsed(&project);
    let file = RedirectFile::create(project.home(), &url).expect("a file");
    let mut browser = Browser::start().expect("a browser");
    let mut lab = Lab::open(&mut browser, &file.address()).expect("Lab");
    assert_eq!(lab.run("print(6 * 7)").expect("an output").trim(), "42");
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
}

#[test]
#[ignore = "needs root: private engine"]
fn a_browser_that_hangs_or_is_that_of_windows_is_not_waited_for() {
    let (engine, project) = (engine(), project());
    let ours = quoted(&project.root().join("browser"));
    let hanging = "#!/bin/sh\n\"${0%/*}/browser\" \"$@\"\necho $$ >\"$0.pid\"\nexec sleep 600\n";
    let hangs = quoted(&project.clone().executable("hanging", hanging).root().join("hanging"));
    let end_browser = || {
        let pid =
            poll_until(|| fs::read_to_string(project.root().join("hanging.pid")).ok()?.trim().parse().ok());
        project.program("kill").arg(pid.map(|pid: u32| pid.to_string()).expect("a pid")).run().status(0);
        fs::remove_file(project.root().join("hanging.pid")).unwrap();
    };
    let running = run_notebook(&project, engine).env("BROWSER", &hangs).spawn();
    assert_eq!(browsed(&project)[1], "303");
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
    end_browser();
    run_notebook(&project, engine).arg("-d").env("BROWSER", &hangs).run().status(0);
    assert_eq!(browsed(&project)[1], "303");
    end_browser();
    run_notebook(&project, engine).arg("--stop").run().status(0);
    // WSL has no display of its own.
    let folder = project.clone().executable("bin/wslview", &format!("#!/bin/sh\nexec {ours} \"$@\"\n"));
    let running = run_notebook(&project, engine)
        .env_remove("BROWSER")
        .env("WSL_DISTRO_NAME", "Debian")
        .path_first(&folder.root().join("bin"))
        .spawn();
    assert_eq!(browsed(&project)[1], "303");
    running.signal(Signal::SIGTERM);
    running.wait().status(143).stderr_has("opening the browser: wslview http://127.0.0.1:");
}
