# A virtual machine with a disk. The machine's first script names its owner, so a claim needs another machine.

terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "endpoint" {
  type    = string
  default = "https://ec2.us-east-1.amazonaws.com"
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  endpoints {
    ec2 = var.endpoint
  }
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

data "coder_workspace_preset" "small" {
  name       = "small"
  parameters = {}
  prebuilds {
    instances = 1
  }
}

locals {
  zone  = "us-east-1a"
  owner = data.coder_workspace_owner.me.name
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "aws_instance" "machine" {
  count                       = data.coder_workspace.me.start_count
  ami                         = "ami-12c6146b"
  instance_type               = "t3.micro"
  availability_zone           = local.zone
  user_data_replace_on_change = true

  user_data = <<-EOT
    #!/bin/sh
    echo "This is the machine of ${local.owner}." > "$HOME/motd"
    export CODER_AGENT_TOKEN='${coder_agent.main.token}'
    ${coder_agent.main.init_script}
  EOT
}

resource "aws_ebs_volume" "home" {
  availability_zone = local.zone
  size              = 10
  tags              = { Workspace = data.coder_workspace.me.id }
}

resource "aws_volume_attachment" "home" {
  count       = data.coder_workspace.me.start_count
  device_name = "/dev/sdh"
  volume_id   = aws_ebs_volume.home.id
  instance_id = aws_instance.machine[0].id
}
