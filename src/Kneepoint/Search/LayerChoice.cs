namespace Kneepoint.Search;

/// <summary>One way to treat one layer, and what it is expected to give.</summary>
/// <param name="Layer">The layer: the first output of its node in the baseline.</param>
/// <param name="Method">What is done to it.</param>
/// <param name="FileBytes">What the layer then takes in the file. The bytes of a weight that several layers share are stated once, with one of them.</param>
/// <param name="Cost">What the layer then costs to run, in any one unit for the whole table: bit operations, or milliseconds.</param>
/// <param name="Loss">The expected loss of accuracy if only this layer is treated so; 0 for <see cref="LayerMethod.Keep"/>. In the unit of the divergence that
/// sensitivities are measured in. What is not finite is never chosen.</param>
public sealed record LayerChoice(string Layer, LayerMethod Method, long FileBytes, double Cost, double Loss);
