// SPDX-License-Identifier: Apache-2.0
/** Armeria at the same work. */
package io.fairlead.peers.armeria;
