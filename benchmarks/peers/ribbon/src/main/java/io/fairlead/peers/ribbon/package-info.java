// SPDX-License-Identifier: Apache-2.0
/** Ribbon at the same work. */
package io.fairlead.peers.ribbon;
