// SPDX-License-Identifier: Apache-2.0
/** The Consul backend: held queries for discovery, the agent for registration. */
@NullMarked
package io.fairlead.consul;

import org.jspecify.annotations.NullMarked;
