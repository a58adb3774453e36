// SPDX-License-Identifier: Apache-2.0
/**
 * What our own modules share and nobody else sees. It knows {@code io.fairlead.api} and nothing above; it may change at any
 * time.
 */
package io.fairlead.spi.kit;
