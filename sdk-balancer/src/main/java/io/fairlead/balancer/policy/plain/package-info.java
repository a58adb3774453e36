// SPDX-License-Identifier: Apache-2.0
/**
 * Policies without options, which are asked for by name alone, and what all policies draw with. Not exported: public is what
 * {@link java.util.ServiceLoader} and {@code io.fairlead.balancer.policy} need, which knows this package and is not known by it.
 */
package io.fairlead.balancer.policy.plain;
