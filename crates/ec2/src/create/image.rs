//! The image.

use aws_sdk_ec2::types::{
    ArchitectureType, Image, InstanceTypeInfo, ProcessorInfo, UsageClassType, VCpuInfo,
};
use dockerutils_dock::ImageChoice;

use super::survey::Survey;
use super::{CreateError, Request};

/// The image that the machine starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChosenImage {
    pub(super) id: String,
    pub(super) name: String,
    /// The device of its disk.
    pub(super) device: String,
    /// The size of its snapshot in GiB.
    pub(super) smallest_disk: u32,
}

/// Chooses the newest image for the architecture of the types, which all need the same.
pub(super) fn choose_image(
    request: &Request,
    survey: &Survey,
    region: &str,
) -> Result<ChosenImage, CreateError> {
    let types = request.types();
    let first = &types[0];
    let architecture = architecture(survey, first);
    for name in &types {
        check_type(request, survey, name)?;
        let other = self::architecture(survey, name);
        if other != architecture {
            let (first, other) = (first.clone(), name.clone());
            return Err(CreateError::OtherArchitecture { first, first_architecture: architecture, other });
        }
    }
    let fits = |image: &&Image| image.architecture().is_some_and(|found| found.as_str() == architecture);
    if let Some(ImageChoice::Id(id)) = &request.settings.image {
        let image = survey.images.first();
        let image = image
            .ok_or_else(|| CreateError::UnknownImage { image: id.to_string(), region: region.to_owned() })?;
        if !fits(&image) {
            let (image, instance_type) = (id.to_string(), first.clone());
            return Err(CreateError::ImageArchitecture { image, instance_type, architecture });
        }
        return Ok(chosen(image));
    }
    let newest = survey.images.iter().filter(fits).max_by_key(|image| image.creation_date());
    newest.map(chosen).ok_or_else(|| CreateError::NoImage { architecture, instance_type: first.clone() })
}

fn chosen(image: &Image) -> ChosenImage {
    let device = image.root_device_name().unwrap_or("/dev/sda1");
    let root = image.block_device_mappings().iter().find(|mapping| mapping.device_name() == Some(device));
    let size = root.and_then(|mapping| mapping.ebs()?.volume_size()).unwrap_or(0);
    ChosenImage {
        id: image.image_id().unwrap_or_default().to_owned(),
        name: image.name().unwrap_or_default().to_owned(),
        device: device.to_owned(),
        smallest_disk: u32::try_from(size).unwrap_or(0),
    }
}

/// Returns what EC2 knows about a type.
pub(super) fn info<'a>(survey: &'a Survey, name: &str) -> Option<&'a InstanceTypeInfo> {
    survey.types.iter().find(|info| info.instance_type().is_some_and(|found| found.as_str() == name))
}

/// Returns how many vCPU a machine of the type has; 0 if EC2 does not list it.
pub(super) fn cpus(survey: &Survey, name: &str) -> i32 {
    info(survey, name).and_then(InstanceTypeInfo::v_cpu_info).and_then(VCpuInfo::default_v_cpus).unwrap_or(0)
}

/// Returns `x86_64` or `arm64`. Older types know 32 bits too, for which there is no image.
fn architecture(survey: &Survey, name: &str) -> String {
    let found = info(survey, name).and_then(|info| info.processor_info());
    let supported = found.map(ProcessorInfo::supported_architectures).unwrap_or_default();
    let wide = supported.iter().map(ArchitectureType::as_str).find(|found| *found != "i386");
    wide.unwrap_or("x86_64").to_owned()
}

fn check_type(request: &Request, survey: &Survey, name: &str) -> Result<(), CreateError> {
    let Some(info) = info(survey, name) else { return Ok(()) };
    if request.has_gpu && info.gpu_info().is_none() {
        return Err(CreateError::NoGpu { name: name.to_owned() });
    }
    if request.settings.is_spot && !info.supported_usage_classes().contains(&UsageClassType::Spot) {
        return Err(CreateError::NotAsSpot { name: name.to_owned() });
    }
    Ok(())
}
