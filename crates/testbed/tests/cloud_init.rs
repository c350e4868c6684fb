//! cloud-init's check tells valid user-data from other.

use dockerutils_testbed::cloud_config_errors;

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_valid_configuration_has_no_errors_and_a_wrong_key_is_named() {
    let valid = "#cloud-config\nwrite_files:\n- {path: /x, content: a}\n";
    assert_eq!(cloud_config_errors(valid).expect("cloud-init"), None);
    let errors = cloud_config_errors(&valid.replace("path", "pat")).expect("cloud-init").expect("errors");
    assert!(errors.contains("'pat' was unexpected"), "{errors}");
}
