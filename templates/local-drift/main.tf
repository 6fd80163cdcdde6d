# The same as the template "local", with one mistake on purpose: the agent's process is made again at every claim, because
# the owner's name is in an argument that cannot change in place. Look for "mistake" below.

terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "root" {
  type        = string
  default     = "/tmp/hearth-workspaces"
  description = "Where the folders of workspaces are made."
  validation {
    condition     = startswith(var.root, "/")
    error_message = "Give an absolute path: a relative one would depend on where Terraform runs."
  }
}

variable "setup_seconds" {
  type        = number
  default     = 10
  description = "How long the first start of a workspace takes, as installing tools would."
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
data "coder_provisioner" "me" {}

data "coder_parameter" "size" {
  name         = "size"
  display_name = "Size"
  description  = "How large the workspace is. It is only written down: a folder has no size."
  default      = "small"
  order        = 1
  option {
    name  = "Small"
    value = "small"
  }
  option {
    name  = "Large"
    value = "large"
  }
}

data "coder_parameter" "color" {
  name         = "color"
  display_name = "Color"
  description  = "The color of the prompt. It can be changed at any start."
  default      = "blue"
  mutable      = true
  order        = 2
  option {
    name  = "Blue"
    value = "blue"
  }
  option {
    name  = "Orange"
    value = "orange"
  }
}

data "coder_workspace_preset" "small" {
  name        = "small"
  description = "A small workspace, two of them ready"
  default     = true
  parameters  = { size = "small" }
  prebuilds {
    instances = 2
  }
}

data "coder_workspace_preset" "large" {
  name        = "large"
  description = "A large workspace, one of them ready"
  parameters  = { size = "large" }
  prebuilds {
    instances = 1
  }
}

locals {
  # The id of a workspace is the same before and after a claim, so its folder is too.
  folder = "${var.root}/${data.coder_workspace.me.id}"

  # The mistake: this is "prebuilds" while the workspace waits in the pool, and a person's name from the claim on.
  title = "Workspace of ${data.coder_workspace_owner.me.name}"
}

resource "coder_agent" "main" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
  dir  = local.folder

  metadata {
    key          = "disk"
    display_name = "Disk used"
    script       = "du -sh . | cut -f 1"
    interval     = 60
  }
}

# Slow the first time, while the workspace waits in the pool. After a claim it runs again, now with the new owner in the
# environment of the agent, and has only that to do.
resource "coder_script" "setup" {
  agent_id           = coder_agent.main.id
  display_name       = "Set up"
  run_on_start       = true
  start_blocks_login = true
  script             = <<-EOT
    set -eu
    if [ ! -e .hearth/set-up ]; then
      for part in "Fetching tools" "Unpacking tools" "Fetching packages" "Building packages" "Warming caches"; do
        echo "$part ..."
        sleep ${var.setup_seconds / 5}
      done
      touch .hearth/set-up
      echo "Set-up is complete."
    fi
    echo "$CODER_WORKSPACE_OWNER_NAME" > owner
    echo "Welcome $CODER_WORKSPACE_OWNER_NAME to $CODER_WORKSPACE_NAME, in $COLOR."
  EOT
}

resource "coder_env" "color" {
  agent_id = coder_agent.main.id
  name     = "COLOR"
  value    = data.coder_parameter.color.value
}

resource "coder_app" "log" {
  agent_id     = coder_agent.main.id
  slug         = "agent-log"
  display_name = "Agent log"
  command      = "tail -n 100 -f '${local.folder}/.hearth/agent.log'"
}

resource "coder_metadata" "home" {
  resource_id = terraform_data.home.id
  item {
    key   = "folder"
    value = local.folder
  }
  item {
    key   = "size"
    value = data.coder_parameter.size.value
  }
}

# The folder lives as long as the workspace.
resource "terraform_data" "home" {
  input            = local.folder
  triggers_replace = local.folder

  provisioner "local-exec" {
    environment = {
      ROOT   = var.root
      FOLDER = self.input
    }
    command = <<-EOT
      set -eu
      umask 077
      mkdir -p "$ROOT"
      [ -O "$ROOT" ] || { echo "$ROOT belongs to somebody else" >&2; exit 1; }
      mkdir -p "$FOLDER/.hearth"
    EOT
  }

  provisioner "local-exec" {
    when        = destroy
    environment = { FOLDER = self.input }
    command     = "rm -rf \"$FOLDER\""
  }
}

# The agent runs from a start to a stop.
resource "terraform_data" "agent" {
  count = data.coder_workspace.me.start_count
  input = local.folder
  triggers_replace = {
    home   = terraform_data.home.id
    script = coder_agent.main.init_script
    title  = local.title
  }

  provisioner "local-exec" {
    environment = {
      FOLDER            = self.input
      INIT_SCRIPT       = coder_agent.main.init_script
      CODER_AGENT_TOKEN = coder_agent.main.token
      CODER_AGENT_URL   = data.coder_workspace.me.access_url
    }
    # In a session of its own, because Terraform's process group does not outlive the build; and with hardly anything of
    # Terraform's environment, because that holds the credentials of the build.
    command = <<-EOT
      set -eu
      umask 077
      cd "$FOLDER"
      printf '%s' "$INIT_SCRIPT" > .hearth/init.sh
      for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
        case "$name" in
          PATH | LANG | FOLDER | CODER_AGENT_* | SSL_CERT_* | *_PROXY | *_proxy) ;;
          *) unset "$name" ;;
        esac
      done
      export HOME="$FOLDER" TMPDIR="$FOLDER/.hearth"
      # The shell waits for the end of what it captures: until the agent has its session, and its output goes to its log.
      agent=$(setsid sh -c 'echo $$; exec sh .hearth/init.sh < /dev/null > .hearth/agent.log 2>&1' &)
      [ -n "$agent" ]
      echo "$agent" > .hearth/agent.pid
    EOT
  }

  provisioner "local-exec" {
    when        = destroy
    environment = { FOLDER = self.input }
    # Asks the agent to end, gives it 20 s, and ends what is left. The number in the file is that of a session: whatever
    # the agent has started is in it. A process of that number whose output goes elsewhere got the number after a reboot.
    command = <<-EOT
      session=$(cat "$FOLDER/.hearth/agent.pid" 2> /dev/null) || exit 0
      case "$(readlink "/proc/$session/fd/1")" in
        "" | *"/$${FOLDER##*/}/.hearth/agent.log"*) ;;
        *) exit 0 ;;
      esac
      members() {
        sed -n "s/^\([0-9]*\) (.*) [^Z] [0-9]* [0-9]* $session .*/\1/p" /proc/[0-9]*/stat 2> /dev/null
      }
      kill -TERM "$session" 2> /dev/null
      tries=200
      while members | grep -qx "$session" && [ "$tries" -gt 0 ]; do
        sleep 0.1
        tries=$((tries - 1))
      done
      tries=50
      while [ -n "$(members)" ] && [ "$tries" -gt 0 ]; do
        kill -KILL $(members) 2> /dev/null
        sleep 0.1
        tries=$((tries - 1))
      done
      rm -f "$FOLDER/.hearth/agent.pid"
    EOT
  }
}
