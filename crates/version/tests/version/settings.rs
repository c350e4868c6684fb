//! Which projects use versioneer, and which settings are invalid.

use std::fs;

use dockerutils_version::{Error, Settings};
use tempfile::TempDir;

fn settings_of(files: &[(&str, &[u8])]) -> Result<Option<Settings>, Error> {
    let dir = TempDir::new().unwrap();
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    Settings::of_project(dir.path())
}

fn settings(file: &'static str, tag_prefix: &str, parentdir_prefix: &str, style: &str) -> Settings {
    let [tag_prefix, parentdir_prefix, style] = [tag_prefix, parentdir_prefix, style].map(str::to_owned);
    Settings { file, tag_prefix, parentdir_prefix, style, versionfile_source: String::new() }
}

#[test]
fn the_version_file_is_read_from_the_settings() {
    for (file, text) in [
        ("setup.cfg", "[versioneer]\nVCS = git\nversionfile_source = src/pkg/_version.py\n"),
        ("pyproject.toml", "[tool.versioneer]\nVCS = 'git'\nversionfile_source = 'src/pkg/_version.py'\n"),
    ] {
        let found = settings_of(&[(file, text.as_bytes())]).unwrap().unwrap();
        assert_eq!(found.versionfile_source, "src/pkg/_version.py", "{file}");
    }
}

#[test]
fn projects_with_the_section_use_versioneer() {
    for (file, text, expected) in [
        ("setup.cfg", "[versioneer]\nVCS = git\n", ["", "", ""]),
        (
            "setup.cfg",
            "[metadata]\nname = x\n\n[versioneer]\nvcs: git\nSTYLE = pep440-pre\ntag_prefix = v\nparentdir_prefix = x-\n",
            ["v", "x-", "pep440-pre"],
        ),
        ("setup.cfg", "[versioneer]\nVCS = git\ntag_prefix = ''\nstyle =\n", ["", "", ""]),
        ("setup.cfg", "[versioneer]\nVCS = git\ntag_prefix = \"\"\n", ["", "", ""]),
        ("setup.cfg", "[versioneer]\nVCS = git\ntag_prefix = \"v\"\n", ["\"v\"", "", ""]),
        ("pyproject.toml", "[tool.versioneer]\nVCS = 'git'\n", ["", "", ""]),
        (
            "pyproject.toml",
            "[build-system]\nrequires = ['versioneer']\n[tool.versioneer]\nVCS = 'git'\nstyle = 'git-describe'\n\
             tag_prefix = 'v'\nparentdir_prefix = 'x-'\nverbose = true\n",
            ["v", "x-", "git-describe"],
        ),
        ("pyproject.toml", "tool = { versioneer = { VCS = 'git', tag_prefix = \"''\" } }", ["", "", ""]),
    ] {
        let [tag_prefix, parentdir_prefix, style] = expected;
        let found = settings_of(&[(file, text.as_bytes())]).unwrap();
        assert_eq!(found, Some(settings(file, tag_prefix, parentdir_prefix, style)), "{text}");
    }
}

#[test]
fn projects_without_the_section_do_not_use_versioneer() {
    for files in [
        &[] as &[(&str, &[u8])],
        &[("setup.cfg", b"")],
        &[("setup.cfg", b"[metadata]\nname = versioneer\n")],
        &[("setup.cfg", b"# [versioneer]\n[metadata]\nname = x\n")],
        &[("setup.cfg", b"no INI at all\n")],
        &[("setup.cfg", b"\xff\xfe")],
        &[("pyproject.toml", b"[tool.other]\n")],
        &[("pyproject.toml", b"[project]\nname = \n")],
        &[("pyproject.toml", b"\xff")],
        &[("pyproject.toml", b"tool = 3\n")],
    ] {
        assert_eq!(settings_of(files).unwrap(), None, "{files:?}");
    }
}

#[test]
fn pyproject_takes_precedence_if_it_has_the_section() {
    let setup: &[u8] = b"[versioneer]\nVCS = git\ntag_prefix = s\n";
    for (pyproject, file, tag_prefix) in [
        ("[tool.versioneer]\nVCS = 'git'\ntag_prefix = 'p'\n", "pyproject.toml", "p"),
        ("[build-system]\n", "setup.cfg", "s"),
        ("[broken\n", "setup.cfg", "s"),
    ] {
        let found = settings_of(&[("setup.cfg", setup), ("pyproject.toml", pyproject.as_bytes())]).unwrap();
        assert_eq!(found, Some(settings(file, tag_prefix, "", "")), "{pyproject}");
    }
}

#[test]
fn invalid_settings_are_reported_with_file_and_line() {
    for (file, text, begin) in [
        ("setup.cfg", "[versioneer]\nVCS = git\nwhat\n", "setup.cfg:3: `what` has no `=`"),
        ("setup.cfg", "[a]\n[a]\n[versioneer]\nVCS = git\n", "setup.cfg:2: section `[a]` is on line 1"),
        (
            "setup.cfg",
            "\n[versioneer]\nstyle = pep440\n",
            "setup.cfg:2: [versioneer] has no `VCS`: write `VCS = git`",
        ),
        (
            "setup.cfg",
            "[versioneer]\n\nVCS = hg\n",
            "setup.cfg:3: `VCS = hg` is not supported: write `VCS = git`",
        ),
        ("pyproject.toml", "[tool.versioneer]\nVCS = 'git\n", "pyproject.toml:2: "),
        (
            "pyproject.toml",
            "\n[tool.versioneer]\nstyle = 'pep440'\n",
            "pyproject.toml:2: missing field `VCS`",
        ),
        (
            "pyproject.toml",
            "[tool.versioneer]\nVCS = 'git'\ntag_prefix = 3\n",
            "pyproject.toml:3: invalid type",
        ),
        ("pyproject.toml", "\n\n[tool.versioneer]\nVCS = 'svn'\n", "pyproject.toml:3: `VCS = svn`"),
    ] {
        let err = settings_of(&[(file, text.as_bytes())]).unwrap_err();
        assert!(matches!(err, Error::InvalidSettings { .. }));
        assert!(err.to_string().starts_with(begin), "{text}: {err}");
        assert!(!err.to_string().contains('\n'), "{err}");
    }
}

#[test]
fn an_unreadable_file_is_named() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("setup.cfg")).unwrap();
    let err = Settings::of_project(dir.path()).unwrap_err();
    assert!(err.to_string().starts_with("cannot read setup.cfg: "), "{err}");
}
