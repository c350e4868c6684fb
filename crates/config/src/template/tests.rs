use super::*;
use crate::shell_words::{split, whole};
use proptest::prelude::*;

fn lookup(name: &str) -> Option<String> {
    match name {
        "A" => Some("a value".to_owned()),
        "EMPTY" => Some(String::new()),
        "BRACES" => Some("{user} $A".to_owned()),
        "HOME" => Some("/home/me".to_owned()),
        _ => None,
    }
}

fn scope() -> Scope<'static> {
    Scope::new(&lookup).with_home("/home/me").with("user", "me").with("project_root", "/p q/$A {user} 'x'")
}

fn words(text: &str, unknown: Unknown) -> Result<Vec<String>, Problem> {
    let mut texts = Vec::new();
    for word in split(text).unwrap() {
        texts.extend(replace(&word, &scope(), unknown)?.iter().map(Word::text));
    }
    Ok(texts)
}

#[track_caller]
fn becomes(text: &str, expected: &[&str]) {
    assert_eq!(words(text, Unknown::Kept).unwrap(), expected, "{text}");
}

#[test]
fn placeholders_variables_and_the_home_folder_are_replaced() {
    becomes("-v {home}/x:/x", &["-v", "/home/me/x:/x"]);
    becomes("{user}-$HOME-${HOME}x", &["me-/home/me-/home/mex"]);
    becomes("~/data:/data a~/b '~/c' ~", &["/home/me/data:/data", "a~/b", "~/c", "~"]);
    becomes("${NONE:-b c}x ${EMPTY:-d} ${EMPTY}x", &["b cx", "d", "x"]);
    becomes("$$HOME a$$ $ $1 $(date) $?", &["$HOME", "a$", "$", "$1", "$(date)", "$?"]);
}

#[test]
fn inserted_text_is_not_replaced_in_again() {
    becomes("{project_root}:/x", &["/p q/$A {user} 'x':/x"]);
    becomes("-e \"X=$BRACES\"", &["-e", "X={user} $A"]);
}

#[test]
fn an_unquoted_variable_is_split_as_in_a_shell() {
    becomes("$A \"$A\" x$A $EMPTY \"$EMPTY\"", &["a", "value", "a value", "xa value", ""]);
    becomes("${NONE:---shm-size 1g}", &["--shm-size", "1g"]);
}

#[test]
fn quotes_decide_about_replacement() {
    becomes(r#"'{user} $A' "{user} $A" \{user} \$A"#, &["me $A", "me a value", "{user}", "$A"]);
}

#[test]
fn braces_of_the_containers_own_code_are_kept() {
    becomes("'${HOME}' \"\\${HOME}\" $${user}", &["${HOME}", "${HOME}", "${user}"]);
    becomes(
        "'{print $1}' {x,y} {} { '{\"a\":{\"b\":1}}'",
        &["{print $1}", "{x,y}", "{}", "{", "{\"a\":{\"b\":1}}"],
    );
    becomes("{{user}} '{{.Names}}' a{{b", &["{user}", "{.Names}", "a{b"]);
}

#[test]
fn an_unknown_placeholder_and_an_unset_variable_are_errors() {
    let refused = words("{usr}", Unknown::Refused).unwrap_err();
    assert_eq!(refused, Problem::Placeholder { name: "usr".to_owned(), nearest: Some("user".to_owned()) });
    becomes("{usr}", &["{usr}"]);
    let undefined = words("x$NONE", Unknown::Kept).unwrap_err();
    assert_eq!(undefined, Problem::Variable { name: "NONE".to_owned() });
}

#[test]
fn the_forms_of_compose_are_replaced() {
    // A is set, EMPTY is set but empty, NONE is not set.
    becomes("x${NONE-d} x${EMPTY-d} x${EMPTY:-d} x${A-d}", &["xd", "x", "xd", "xa value"]);
    becomes("x${A:+o} x${EMPTY:+o} x${EMPTY+o} x${NONE+o}", &["xo", "x", "xo", "x"]);
    becomes("x${NONE:-$A} \"${NONE:-${EMPTY:-d e}}\" x${NONE:-$$A}", &["xa value", "d e", "x$A"]);
    becomes("${NONE:-${A}} ${NONE-}", &["a", "value"]);
    becomes("x${A:?m} x${EMPTY?m}", &["xa value", "x"]);
    for text in ["x${NONE:?set it}", "x${NONE?set it}", "x${EMPTY:?set it}"] {
        let Err(Problem::Required { message, .. }) = words(text, Unknown::Kept) else { panic!("{text}") };
        assert_eq!(message, "set it");
    }
}

#[test]
fn a_default_may_have_placeholders_and_braces() {
    becomes("${NONE:-{home}/x}:/x ${NONE-a{user}b}", &["/home/me/x:/x", "ameb"]);
    becomes("x${A:+{user}} x${NONE:-{\"k\": {}}}y", &["xme", "x{\"k\": {}}y"]);
    becomes("x${NONE:-{x}$(a)}", &["x{x}$(a)"]);
    let refused = |text| words(text, Unknown::Refused).unwrap_err();
    assert!(matches!(refused("x${NONE:-{usr}}"), Problem::Placeholder { name, .. } if name == "usr"));
    assert!(matches!(refused("x${NONE:-$(pwd)/y}"), Problem::Command { .. }));
}

#[test]
fn a_default_does_not_come_from_the_variable() {
    let word = &split("K=${NONE:-d}").unwrap()[0];
    let replaced = replace(word, &scope(), Unknown::Kept).unwrap();
    assert_eq!(replaced[0].pieces(), [Piece::Text("K=".to_owned()), Piece::Default("d".to_owned())]);
}

#[test]
fn text_that_only_looks_like_a_replacement_is_refused_in_strict_values() {
    let refused = |text: &str| words(text, Unknown::Refused).unwrap_err();
    for text in ["$(pwd):/x", "\"$(pwd)\":/x", "`pwd`:/x"] {
        assert!(matches!(refused(text), Problem::Command { .. }), "{text}");
        assert_eq!(words(&format!("'{}'", text.replace('"', "")), Unknown::Refused).unwrap().len(), 1);
        becomes(&text.replace('"', ""), &[&text.replace('"', "")]);
    }
    for text in ["${A%x}", "${A:=d}", "${A//a/b}", "${#A}", "${!A}", "${A", "x${A:}"] {
        assert!(matches!(refused(text), Problem::Form { .. }), "{text}");
    }
    becomes("${A%x} ${#A}", &["${A%x}", "${#A}"]);
    let nearest = Some("project_root".to_owned());
    assert_eq!(refused("{project-root}"), Problem::Placeholder { name: "project-root".to_owned(), nearest });
    assert!(matches!(refused("'{project.root}'"), Problem::Placeholder { .. }));
    becomes("{project-root}", &["{project-root}"]);
}

#[test]
fn a_home_folder_that_does_not_exist_is_not_replaced() {
    let scope = Scope::new(&lookup);
    for text in ["~/x", "{home}/x", "'{home}'"] {
        let problem = replace(&split(text).unwrap()[0], &scope, Unknown::Kept).unwrap_err();
        assert!(matches!(problem, Problem::NoHome { .. }), "{text}");
    }
}

#[test]
fn pieces_name_the_variable_that_a_secret_comes_from() {
    let word = &split("K=$A").unwrap()[0];
    let replaced = replace(word, &scope(), Unknown::Kept).unwrap();
    let variable = Piece::Variable { name: "A".to_owned(), value: "a value".to_owned() };
    assert_eq!(replaced[0].pieces(), [Piece::Text("K=".to_owned()), variable]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// A value with any folder's name in it stays one argument with exactly that text.
    #[test]
    fn any_project_root_is_one_argument(root in "\\PC{0,24}", user in "\\PC{0,8}") {
        let scope = Scope::new(&lookup).with("project_root", root.clone()).with("user", user.clone());
        let word = &split("{project_root}/src:/src-{user}").unwrap()[0];
        let replaced = replace(word, &scope, Unknown::Refused).unwrap();
        prop_assert_eq!(replaced.len(), 1);
        prop_assert_eq!(replaced[0].text(), format!("{root}/src:/src-{user}"));
    }

    /// A quoted variable with any value is one argument with exactly that text.
    #[test]
    fn any_quoted_variable_is_one_argument(value in "\\PC{0,24}") {
        let lookup = |_: &str| Some(value.clone());
        let scope = Scope::new(&lookup);
        let replaced = replace(&split("\"a${X}b\"").unwrap()[0], &scope, Unknown::Refused).unwrap();
        prop_assert_eq!(replaced.len(), 1);
        prop_assert_eq!(replaced[0].text(), format!("a{value}b"));
    }

    /// Text without `$`, braces, backticks and `~` is not changed.
    #[test]
    fn text_without_special_characters_is_unchanged(text in "[^${}~`]{0,24}") {
        let word = vec![Fragment { text: text.clone(), quoting: Quoting::Bare }];
        prop_assert_eq!(replace_whole(&word, &scope(), Unknown::Refused).unwrap().text(), text);
    }

    /// No text causes a panic.
    #[test]
    fn no_text_causes_a_panic(text in "[ab${}:\\-~'\"\\\\ \n]{0,24}") {
        if let Ok(word) = whole(&text) {
            let _ = replace_whole(&word, &scope(), Unknown::Kept);
        }
        for word in split(&text).unwrap_or_default() {
            let _ = replace(&word, &scope(), Unknown::Refused);
        }
    }
}
