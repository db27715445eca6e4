using Kneepoint.Data.Description;
using Kneepoint.Onnx;

namespace Kneepoint.Data;

/// <summary>Opens data for a network: a data.yaml, or files that describe themselves. docs/data.md tells the formats.</summary>
public static class DatasetFile
{
    /// <summary>Samples are kept in memory, decoded, up to this size: 512 MB.</summary>
    public const long DefaultCacheBytes = 512_000_000;

    /// <summary>Opens data, and reads all of it once: to check each sample, to compare the two parts, and to keep what fits in memory.</summary>
    /// <remarks>
    /// What the data leave open is completed by the network: layout, size, type, classes. What is assumed is a finding. Samples kept in memory
    /// are those that the files give, bit for bit. Without a cache the memory in use does not depend on the number of samples, save for the names of image
    /// files and 16 bytes per calibration sample.
    /// </remarks>
    /// <param name="path">A data.yaml, a folder with one, or a folder or file that describes itself.</param>
    /// <param name="networkInputs">What the network must be fed, without initializers.</param>
    /// <param name="networkOutputs">What comes out; the number of classes is read from it.</param>
    /// <param name="imageDecoder">Decodes images, where there are any.</param>
    /// <param name="seed">Of splits and generated samples.</param>
    /// <param name="cacheBytes">The most bytes of samples that are kept in memory, at least 0.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="DataException">The data are missing, malformed, or do not fit the network; the message says where, what was expected and what was found.</exception>
    public static IDataset Open(
        string path, IReadOnlyList<ValueSignature> networkInputs, IReadOnlyList<ValueSignature> networkOutputs, IImageDecoder imageDecoder,
        int seed, long cacheBytes = DefaultCacheBytes, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(networkInputs);
        ArgumentNullException.ThrowIfNull(networkOutputs);
        ArgumentNullException.ThrowIfNull(imageDecoder);
        ArgumentOutOfRangeException.ThrowIfNegative(cacheBytes);
        var findings = new List<Finding>();
        var description = SelfDescription.Of(path, findings);
        using var opener = new DatasetOpener(description, networkInputs, networkOutputs, imageDecoder, seed, findings);
        return opener.Open(cacheBytes, cancellation);
    }
}
