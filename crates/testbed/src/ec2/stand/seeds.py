"""The resources of an account that was not used before."""
import backend


def seed(region="us-east-1"):
    """Gives the default VPC its way to the internet, which EC2 creates and moto does not."""
    ec2 = backend.region(region)
    vpc = ec2.get_default_vpc()
    gateway = ec2.create_internet_gateway()
    ec2.attach_internet_gateway(gateway.id, vpc.id)
    table = next(table.id for table in ec2.route_tables.values() if table.vpc_id == vpc.id)
    ec2.create_route(table, "0.0.0.0/0", None, gateway_id=gateway.id)
