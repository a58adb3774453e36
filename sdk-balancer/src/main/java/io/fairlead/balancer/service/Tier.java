// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.spi.Picker;

/**
 * Instances that are equally preferred, and the picker that chooses among them.
 *
 * @param index place in the order of preference, from 0
 * @param percent of all calls that come here first
 * @param picker over the instances
 * @param instances at least one
 */
record Tier(int index, int percent, Picker picker, InstanceState[] instances) {}
