# Every data source and every resource, with every argument that can be combined with the others.

provider "coder" {
  url = "https://other.example"
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
data "coder_provisioner" "me" {}
data "coder_task" "me" {}

data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  description  = "Where it runs"
  type         = "string"
  form_type    = "dropdown"
  styling      = jsonencode({ disabled = false })
  mutable      = true
  default      = "eu"
  icon         = "/icon/region.svg"
  order        = 1
  ephemeral    = false
  option {
    name        = "Europe"
    value       = "eu"
    description = "Frankfurt"
    icon        = "/icon/eu.svg"
  }
  option {
    name  = "America"
    value = "us"
  }
}

data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  default = 4
  validation {
    min       = 1
    max       = 64
    monotonic = "increasing"
    error     = "{value} is not between {min} and {max}"
  }
}

data "coder_workspace_preset" "large" {
  name        = "large"
  description = "A large one"
  icon        = "/icon/large.svg"
  default     = true
  parameters = {
    (data.coder_parameter.region.name) = "us"
    (data.coder_parameter.size.name)   = "16"
  }
  prebuilds {
    instances = 3
    expiration_policy {
      ttl = 86400
    }
    scheduling {
      timezone = "Europe/Berlin"
      schedule {
        cron      = "* 8-18 * * 1-5"
        instances = 4
      }
      schedule {
        cron      = "* 8-14 * * 6"
        instances = 1
      }
    }
  }
}

data "coder_workspace_tags" "tags" {
  tags = { zone = data.coder_parameter.region.value }
}

data "coder_external_auth" "git" {
  id       = "git"
  optional = true
}

data "coder_secret" "key" {
  count        = data.coder_workspace.me.start_count == 0 ? 1 : 0
  env          = "API_KEY"
  help_message = "Ask the administrator"
}

resource "coder_agent" "main" {
  os                      = data.coder_provisioner.me.os
  arch                    = "amd64"
  auth                    = "token"
  api_key_scope           = "no_user_data"
  dir                     = "/home/dev"
  env                     = { LANG = "C.UTF-8" }
  startup_script          = "true"
  shutdown_script         = "true"
  startup_script_behavior = "blocking"
  connection_timeout      = 300
  troubleshooting_url     = "https://help.example/agents"
  motd_file               = "/etc/motd"
  order                   = 2
  display_apps {
    vscode          = false
    vscode_insiders = true
    web_terminal    = false
  }
  metadata {
    key          = "load"
    display_name = "Load"
    script       = "cat /proc/loadavg"
    interval     = 10
    timeout      = 5
    order        = 1
  }
  metadata {
    key      = "disk"
    script   = "df -h"
    interval = 60
  }
  resources_monitoring {
    memory {
      enabled   = true
      threshold = 80
    }
    volume {
      path      = "/home"
      enabled   = true
      threshold = 90
    }
    volume {
      path      = "/data"
      enabled   = false
      threshold = 95
    }
  }
}

resource "coder_agent_instance" "main" {
  agent_id    = coder_agent.main.id
  instance_id = "i-1234"
}

resource "coder_app" "editor" {
  agent_id     = coder_agent.main.id
  slug         = "code-server"
  display_name = "Editor"
  url          = "http://localhost:13337"
  subdomain    = true
  share        = "authenticated"
  icon         = "/icon/code.svg"
  group        = "Editors"
  order        = 1
  tooltip      = "An editor"
  hidden       = false
  open_in      = "tab"
  healthcheck {
    url       = "http://localhost:13337/healthz"
    interval  = 5
    threshold = 6
  }
}

resource "coder_app" "docs" {
  agent_id = coder_agent.main.id
  slug     = "docs"
  url      = "https://docs.example"
  external = true
}

resource "coder_env" "region" {
  agent_id       = coder_agent.main.id
  name           = "REGION"
  value          = data.coder_parameter.region.value
  merge_strategy = "append"
}

resource "coder_script" "start" {
  agent_id           = coder_agent.main.id
  display_name       = "Start"
  script             = "echo started"
  log_path           = "/tmp/start.log"
  icon               = "/icon/start.svg"
  start_blocks_login = true
  run_on_start       = true
  run_on_stop        = true
  timeout            = 60
}

resource "coder_script" "nightly" {
  agent_id     = coder_agent.main.id
  display_name = "Nightly"
  script       = "echo nightly"
  cron         = "0 0 3 * * *"
}

resource "terraform_data" "machine" {
  count            = data.coder_workspace.me.start_count
  triggers_replace = [coder_agent.main.init_script]
}

resource "coder_metadata" "machine" {
  count       = data.coder_workspace.me.start_count
  resource_id = terraform_data.machine[0].id
  hide        = false
  icon        = "/icon/machine.svg"
  daily_cost  = 12
  item {
    key   = "size"
    value = data.coder_parameter.size.value
  }
  item {
    key       = "machine"
    value     = terraform_data.machine[0].id
    sensitive = true
  }
  item {
    key = "nothing"
  }
}

resource "coder_devcontainer" "project" {
  agent_id         = coder_agent.main.id
  workspace_folder = "/home/dev/project"
  config_path      = ".devcontainer/devcontainer.json"
}

resource "coder_ai_task" "main" {
  sidebar_app {
    id = coder_app.editor.id
  }
}

resource "coder_ai_task" "other" {
  app_id = coder_app.editor.id
}

resource "coder_external_agent" "main" {
  agent_id = coder_agent.main.id
}
