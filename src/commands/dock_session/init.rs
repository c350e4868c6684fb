//! `dock-session init`: what a shell's start-up file evaluates.
//!
//! The functions are the files that `source dock` reads, so both have the same effect, and a shell needs no file on PATH.

use clap::ValueEnum;
use dockerutils_dock::session::InheritedDocking;

const DOCK: &str = include_str!("../../../shell/dock");
const COMPLETION: &str = include_str!("../../../shell/dock-completion");
const DOCK_FISH: &str = include_str!("../../../shell/dock.fish");

/// castoff in a terminal that is not docked. Docking replaces it, and castoff restores it.
///
/// The variables may have been inherited or exported since the start-up file was read, so dock looks once more.
const CASTOFF: &str = "\
    function castoff {
        if [ $# -gt 0 ]; then
            dock-session castoff -- \"$@\"
            return
        fi
        dock --inherited || return
        [ -z \"${__dock_session-}\" ] || castoff
    }
";

const CASTOFF_FISH: &str = "\
    function castoff --description 'Point this terminal at where it was before `dock`'
        if set --query argv[1]
            dock-session castoff -- $argv
            return
        end
        dock --inherited; and castoff
    end
";

/// The shell whose start-up file evaluates the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StartupShell {
    Bash,
    Zsh,
    Fish,
}

impl StartupShell {
    /// Returns the code. In a shell that was started in a docked terminal it docks that shell too.
    ///
    /// In a shell that is docked already it leaves castoff as it is: what that calls must not be castoff itself.
    pub(super) fn code(self) -> String {
        let inherited = InheritedDocking::of_environment().map_or("", |_| "    dock --inherited\n");
        match self {
            StartupShell::Bash | StartupShell::Zsh => format!(
                "function dock {{\n{DOCK}}}\n{COMPLETION}\
                 if [ -z \"${{__dock_session-}}\" ]; then\n{CASTOFF}{inherited}fi"
            ),
            // A function without arguments: in a start-up file, `argv` may be that of a script.
            StartupShell::Fish => format!(
                "function __dock_define\n{DOCK_FISH}end\n__dock_define\nfunctions --erase __dock_define\n\
                 if not set --query __dock_session\n{CASTOFF_FISH}{inherited}end"
            ),
        }
    }
}
