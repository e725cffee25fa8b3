# SPDX-License-Identifier: Apache-2.0
# No provider: values in, values out, so that `tofu test` proves it without an AWS account.
terraform {
  required_version = ">= 1.6"
}
