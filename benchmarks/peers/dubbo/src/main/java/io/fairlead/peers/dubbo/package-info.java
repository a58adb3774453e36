// SPDX-License-Identifier: Apache-2.0
/** Dubbo's balancers at the same work. */
package io.fairlead.peers.dubbo;
