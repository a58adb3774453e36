// SPDX-License-Identifier: Apache-2.0
/** SmallRye Stork at the same work. */
package io.fairlead.peers.stork;
