use super::*;

/// Expands with T=value, E empty and N not set.
fn expanded(text: &str) -> Option<String> {
    let lookup = |name: &str| match name {
        "T" => Some("a/b/c.tar.gz".to_owned()),
        "E" => Some(String::new()),
        _ => None,
    };
    expand(text, '\\', &lookup).ok()
}

#[test]
fn every_form_of_a_variable_is_replaced() {
    for (text, expected) in [
        ("x$T-${T}", "xa/b/c.tar.gz-a/b/c.tar.gz"),
        ("$N${N}$", "$"),
        ("${N:-d}${E:-d}${N-d}${E-d}", "ddd"),
        ("${T:+x}${E:+x}${E+x}${N+x}", "xx"),
        ("${T:?m}", "a/b/c.tar.gz"),
        ("${T#*/}|${T##*/}", "b/c.tar.gz|c.tar.gz"),
        ("${T%.*}|${T%%.*}", "a/b/c.tar|a/b/c"),
        ("${T/\\//-}|${T//\\//-}", "a-b/c.tar.gz|a-b-c.tar.gz"),
        ("${N:-${T:-x}}", "a/b/c.tar.gz"),
        ("\"$T\"'$T'\\$T", "a/b/c.tar.gz$T$T"),
        ("${N:-'a b'}", "a b"),
    ] {
        assert_eq!(expanded(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn a_word_that_docker_refuses_is_an_error() {
    for text in
        ["${", "${}", "${T", "${:-x}", "${N?m}", "${E:?m}", "${T^^}", "${T:#x}", "'", "\"$T", "${T/x}"]
    {
        assert_eq!(expanded(text), None, "{text}");
    }
}
