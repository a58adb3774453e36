// SPDX-License-Identifier: Apache-2.0
/** Spring Cloud LoadBalancer at the same work. */
package io.fairlead.peers.spring;
