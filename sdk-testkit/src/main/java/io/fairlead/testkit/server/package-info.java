// SPDX-License-Identifier: Apache-2.0
/** Real Consul and etcd processes that a test starts, kills, pauses and wipes. */
@NullMarked
package io.fairlead.testkit.server;

import org.jspecify.annotations.NullMarked;
