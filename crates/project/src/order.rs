//! The order of builds: what others start FROM comes first.

use crate::image::is_image_of;
use crate::{Dockerfile, Error, Image};

/// An image, the name that docker knows it by, and the images that its Dockerfile needs.
struct Node<'a> {
    image: Image<'a>,
    name: String,
    dockerfile: Dockerfile,
}

/// Puts the images that `wanted` picks, and with `bases` all that they start from, into an order in which each comes
/// after those that it needs; otherwise the order given stays.
///
/// # Errors
/// Images that need each other in a circle, an unreadable Dockerfile, a broken section.
pub fn in_from_order<'a>(
    images: Vec<Image<'a>>,
    wanted: &[&str],
    bases: bool,
) -> Result<Vec<Image<'a>>, Error> {
    let nodes = images.into_iter().map(to_node).collect::<Result<Vec<_>, Error>>()?;
    let mut walk = Walk { nodes: &nodes, path: Vec::new(), order: Vec::new() };
    for index in wanted.iter().filter_map(|name| nodes.iter().position(|node| node.image.name == *name)) {
        walk.visit(index)?;
    }
    let order = walk.order;
    let mut slots: Vec<Option<Image>> = nodes.into_iter().map(|node| Some(node.image)).collect();
    let taken = order.into_iter().filter_map(|index| slots[index].take());
    Ok(taken.filter(|image| bases || wanted.contains(&image.name.as_str())).collect())
}

fn to_node(image: Image) -> Result<Node, Error> {
    let flags = image.build_flags(&[])?;
    Ok(Node { name: image.reference()?.name().to_owned(), dockerfile: image.dockerfile(&flags)?, image })
}

struct Walk<'n, 'a> {
    nodes: &'n [Node<'a>],
    path: Vec<usize>,
    order: Vec<usize>,
}

impl Walk<'_, '_> {
    fn visit(&mut self, index: usize) -> Result<(), Error> {
        if self.order.contains(&index) {
            return Ok(());
        }
        if let Some(start) = self.path.iter().position(|on_path| *on_path == index) {
            let circle = self.path[start..].iter().chain([&index]);
            return Err(Error::Cycle(circle.map(|index| self.nodes[*index].image.name.clone()).collect()));
        }
        self.path.push(index);
        for reference in self.nodes[index].dockerfile.images() {
            if let Some(base) = self.nodes.iter().position(|node| is_image_of(reference, &node.name)) {
                self.visit(base)?;
            }
        }
        self.path.pop();
        self.order.push(index);
        Ok(())
    }
}
