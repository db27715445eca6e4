using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Runtime;

public sealed class TensorFileTests
{
    [Fact]
    public void Tensors_survive_the_file_between_processes()
    {
        using var folder = new TemporaryFolder();
        var tensors = new Dictionary<string, Tensor>
        {
            ["ids"] = Tensor.Of([2, 3], new long[] { 1, 2, 3, 4, 5, 6 }),
            ["größe"] = Tensor.Of([], [1.5f]),
            ["none"] = Tensor.Of([0, 4], Array.Empty<float>()),
        };
        TensorFile.Write(folder.File("inputs"), tensors);

        var read = TensorFile.Read(folder.File("inputs"));

        Assert.Equal(tensors.Keys, read.Keys);
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(tensor.ElementType, read[name].ElementType);
            Assert.Equal(tensor.Bytes.ToArray(), read[name].Bytes.ToArray());
            Assert.Equal(tensor.Dimensions, read[name].Dimensions);
        }
    }

    [Fact]
    public void Damaged_tensor_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        TensorFile.Write(folder.File("inputs"), new Dictionary<string, Tensor> { ["x"] = Tensor.Of([2], [1f, 2f]) });
        byte[] whole = File.ReadAllBytes(folder.File("inputs"));
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(folder.File("damaged"), whole[..length]);
            Assert.Throws<InvalidDataException>(() => TensorFile.Read(folder.File("damaged")));
        }

        for (int i = 0; i < whole.Length * 8; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(folder.File("damaged"), flipped);
            try
            {
                TensorFile.Read(folder.File("damaged"));
            }
            catch (InvalidDataException)
            {
                // The only way out besides tensors with other numbers.
            }
        }
    }
}
