//! create-dock with each call disturbed.

use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};
use dockerutils_testbed::ec2::{Ec2, User};

use crate::Stands;
use crate::table::{Checked, Row};

pub(crate) fn row(stands: &Stands) -> Row {
    let calls = count_calls(&stands[0]);
    Row::run("create-dock", stands, calls, &Disturbance::ALL, cell)
}

/// Returns the number of calls of an undisturbed creation.
pub(crate) fn count_calls(ec2: &Ec2) -> usize {
    ec2.reset();
    crate::create(&User::new(ec2)).run().status(0);
    ec2.calls().len()
}

fn cell(ec2: &Ec2, call: &str, disturbance: Disturbance) -> Checked {
    ec2.reset();
    let user = User::new(ec2);
    let cell = Cell::run(ec2, crate::create(&user), call, disturbance);
    let wrong = cell.creation_fault();
    Checked { cell, wrong }
}
