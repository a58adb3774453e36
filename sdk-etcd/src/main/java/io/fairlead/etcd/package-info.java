// SPDX-License-Identifier: Apache-2.0
/** The etcd v3 backend: list and watch for discovery, leases for registration. */
@NullMarked
package io.fairlead.etcd;

import org.jspecify.annotations.NullMarked;
