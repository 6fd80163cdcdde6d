# The template TEMPLATE in its version VERSION.

terraform {
  required_providers {
    coder  = { source = "coder/coder" }
    docker = { source = "kreuzwerker/docker" }
  }
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

data "coder_parameter" "size" {
  name         = "size"
  display_name = "Size"
}

data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  default      = "eu"
}

locals {
  name = "${data.coder_workspace_owner.me.name}-${data.coder_workspace.me.name}"
  env  = ["OWNER=${data.coder_workspace_owner.me.name}", "CODER_AGENT_TOKEN=${coder_agent.main.token}"]
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "docker_volume" "home" {
  name = data.coder_workspace.me.id
}

resource "docker_volume" "cache" {
  name = "${local.name}-cache"
}

resource "docker_container" "workspace" {
  count = data.coder_workspace.me.start_count
  image = "codercom/enterprise-base:ubuntu"
  name  = data.coder_workspace.me.id
  env   = local.env
  volumes {
    container_path = "/home/coder"
    volume_name    = docker_volume.home.name
  }
}
