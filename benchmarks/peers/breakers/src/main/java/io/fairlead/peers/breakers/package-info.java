// SPDX-License-Identifier: Apache-2.0
/** Circuit breakers at the same work, ours among them. */
package io.fairlead.peers.breakers;
