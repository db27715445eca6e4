using CsCheck;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Data;

public sealed class DatasetFileTests
{
    static readonly ValueSignature Image = DataFolder.Floats("image", -1, 3, 2, 2);
    static readonly ValueSignature TwoClasses = DataFolder.Floats("logits", -1, 2);

    [Fact]
    public void A_folder_per_class_is_read_round_the_classes()
    {
        using var folder = Images(4);
        using var data = folder.Open("", Image, TwoClasses);

        Assert.Equal("top1", data.Metric);
        Assert.Equal((1, 7), (data.Count(DataPart.Calibrate), data.Count(DataPart.Evaluate)));
        Assert.Equal(["data-recognized", "split-assumed", "classes-sorted", "preprocessing-assumed"], data.Findings.Select(finding => finding.Code));
        Assert.Contains("cat = 0, dog = 1", data.Findings[2].Message, StringComparison.Ordinal);
        long[] labels = Labels(data, DataPart.Evaluate);
        Assert.Equal(7, labels.Length);
        Assert.Equal(2, labels.Take(3).Distinct().Count());
    }

    [Fact]
    public void A_zip_of_images_equals_its_folder()
    {
        using var folder = Images(3);
        folder.WriteZip("all.zip", Directory.EnumerateFiles(folder["cat"]).Concat(Directory.EnumerateFiles(folder["dog"]))
            .Select(file => ($"top/{Path.GetRelativePath(folder.Root, file)}", File.ReadAllBytes(file))));
        folder.Write("a.yaml", "files: all.zip\nsplit: {evaluate: all, calibrate: first 1}\npreprocess: {scale: 1}");
        folder.Write("b.yaml", "format: images\nfiles: {images: .}\nsplit: {evaluate: all, calibrate: first 1}\npreprocess: {scale: 1}");
        using var zip = folder.Open("a.yaml", Image, TwoClasses);
        using var plain = folder.Open("b.yaml", Image, TwoClasses);

        Assert.Equal(Floats(plain), Floats(zip));
        Assert.Equal(Labels(plain, DataPart.Evaluate), Labels(zip, DataPart.Evaluate));
    }

    [Fact]
    public void A_table_labels_images_sorted_by_their_name()
    {
        using var folder = Images(2);
        folder.Write("labels.csv", "file,label\r\ndog/1.png,1\r\ncat/0.png,0\r\n\"cat/1.png\",dog\r\n");
        folder.Write("data.yaml", """
            files: {images: ., labels: labels.csv}
            classes: [cat, dog]
            split: {calibrate: first 1, evaluate: rest}
            preprocess: {scale: 1, channels: bgr}
            """);
        using var data = folder.Open("data.yaml", Image, TwoClasses);

        Assert.Equal([0L], Labels(data, DataPart.Calibrate));
        Assert.Equal([1L, 1L], Labels(data, DataPart.Evaluate));
        Assert.Contains(data.Findings, finding => finding.Code == "images-without-label" && finding.Message.StartsWith("1 images", StringComparison.Ordinal));
        Assert.Equal([2f, 5f, 8f, 11f], Floats(data, DataPart.Calibrate).Take(4));
    }

    [Fact]
    public void Idx_files_under_their_usual_names_describe_themselves()
    {
        using var folder = new DataFolder();
        foreach (string part in new[] { "train", "t10k" })
        {
            folder.Write($"{part}-images-idx3-ubyte.gz", DataFolder.Gzip(DataFolder.Idx([0, 51, 102, 153, 204, 255, part == "train" ? (byte)1 : (byte)2, 0], 2, 2, 2)));
            folder.Write($"{part}-labels-idx1-ubyte.gz", DataFolder.Gzip(DataFolder.Idx([1, 0], 2)));
        }

        using var data = folder.Open("", DataFolder.Floats("x", -1, 1, 2, 2), TwoClasses);

        Assert.Equal([0f, 0.2f, 0.4f, 0.6f], Floats(data).Take(4));
        Assert.Equal([1L, 0L], Labels(data, DataPart.Evaluate));
        var shared = Assert.Single(data.Findings, finding => finding.Code == "calibration-overlaps-evaluation");
        Assert.Equal(FindingSeverity.Error, shared.Severity);
        Assert.StartsWith("1 of 2 evaluation samples", shared.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Cifar_batches_are_read_with_one_or_two_label_bytes(int labelBytes)
    {
        using var folder = new DataFolder();
        byte[] Batch(int first) => [.. Enumerable.Range(0, 3).SelectMany(i =>
            new byte[] { 9, (byte)i }[^labelBytes..].Concat(Enumerable.Range(0, 3072).Select(p => (byte)(first + i + p))))];
        folder.Write("data_batch_1.bin", Batch(0));
        folder.Write("data_batch_2.bin", Batch(50));
        folder.Write("test_batch.bin", Batch(100));

        using var data = folder.Open("", DataFolder.Floats("x", -1, 3, 32, 32), DataFolder.Floats("y", -1, 10));

        Assert.Equal((6, 3), (data.Count(DataPart.Calibrate), data.Count(DataPart.Evaluate)));
        Assert.Equal([0L, 1, 2, 0, 1, 2], Labels(data, DataPart.Calibrate));
        Assert.Equal([100f / 255, 101f / 255], Floats(data).Take(2));
    }

    [Fact]
    public void Arrays_named_by_part_in_one_npz_describe_themselves()
    {
        using var folder = new DataFolder();
        folder.WriteZip("d.npz",
            ("x_train.npy", DataFolder.Npy<float>("<f4", [3, 2], [1, 2, 3, 4, 5, 6])), ("y_train.npy", DataFolder.Npy<byte>("|u1", [3], [0, 1, 0])),
            ("x_test.npy", DataFolder.Npy<float>("<f4", [1, 2], [7, 8])), ("y_test.npy", DataFolder.Npy<byte>("|u1", [1], [1])));

        using var data = folder.Open("d.npz", DataFolder.Floats("x", -1, 2), TwoClasses);

        Assert.Equal([1f, 2, 3, 4, 5, 6], Floats(data, DataPart.Calibrate));
        Assert.Equal([7f, 8], Floats(data));
        Assert.Equal([1L], Labels(data, DataPart.Evaluate));
    }

    [Fact]
    public void Tables_feed_columns_and_sort_the_names_of_classes()
    {
        using var folder = new DataFolder();
        folder.Write("t.csv", "age;income;hours\n30;>50K;40\n20;<=50K;10.5\n50;>50K;\"60\"\n");
        folder.Write("data.yaml", """
            files: t.csv
            delimiter: ;
            split: {calibrate: first 1, evaluate: rest}
            preprocess: {from: [hours, age], mean: [10, 0], std: [1, 10]}
            target: income
            """);
        using var data = folder.Open("data.yaml", DataFolder.Floats("x", -1, 2), TwoClasses);

        Assert.Equal([0.5f, 2, 50, 5], Floats(data));
        Assert.Equal([0L, 1L], Labels(data, DataPart.Evaluate));
        Assert.Equal("top1", data.Metric);
    }

    [Fact]
    public void A_cell_that_is_no_number_is_named()
    {
        using var folder = new DataFolder();
        folder.Write("t.csv", "a,label\n1,0\nx,1\n");

        Assert.Equal("t.csv, line 3, column 'a': expected a finite number, found 'x'.", Message(folder, "t.csv", DataFolder.Floats("x", -1, 1), TwoClasses));
    }

    [Fact]
    public void Bytes_of_a_text_become_rows_and_the_tokens_after_them()
    {
        using var folder = new DataFolder();
        folder.Write("t.txt", "abcdefgh");
        folder.Write("data.yaml", "files: t.txt\nsplit: {calibrate: first 1}\ntarget: next");
        using var data = folder.Open("data.yaml", new ValueSignature("ids", ElementType.Int64, [-1, 3]), DataFolder.Floats("logits", -1, 3, 256));

        var batch = Assert.Single(Read(data, DataPart.Evaluate, 4));
        Assert.Equal("nll", data.Metric);
        Assert.Equal([100L, 101, 102], batch.Inputs["ids"].Values<long>().ToArray());
        Assert.Equal([101L, 102, 103], batch.Targets!.Values<long>().ToArray());
    }

    [Fact]
    public void Characters_of_a_text_are_looked_up()
    {
        using var folder = new DataFolder();
        folder.Write("v.txt", "<pad>\na\n\\n\né\n😀\n");
        folder.Write("t.txt", "aé\n😀aa?");
        folder.Write("data.yaml", "files: t.txt\nsplit: {calibrate: first 1}\ntarget: next\ntext: {vocabulary: v.txt, length: 2, unknown: 0}");
        var ids = new ValueSignature("ids", ElementType.Int32, [-1, -1]);
        using var data = folder.Open("data.yaml", ids, DataFolder.Floats("logits", -1, -1, 5));

        int[] tokens = [.. Read(data, DataPart.Evaluate, 1).SelectMany(batch => batch.Inputs["ids"].Values<int>().ToArray())];
        Assert.Equal([2, 4, 1, 1], tokens);
        folder.Write("data.yaml", "files: t.txt\nsplit: {calibrate: first 1}\ntarget: next\ntext: {vocabulary: v.txt, length: 2}");
        Assert.StartsWith("t.txt, line 2: the vocabulary has no token for '?' (U+003F).", Message(folder, "data.yaml", ids, TwoClasses), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_tokens_may_be_their_own_targets()
    {
        using var folder = new DataFolder();
        folder.WriteNpy<ushort>("ids.npy", "<u2", [2, 4], [5, 6, 7, 0, 8, 9, 0, 0]);
        folder.Write("data.yaml", "files: {ids: ids.npy}\nsplit: {calibrate: first 1}\ntarget: {next: ids, ignore: 0}\nmetric: nll");
        using var data = folder.Open("data.yaml", new ValueSignature("input", ElementType.Int64, [-1, 4]), DataFolder.Floats("logits", -1, 4, 10));

        Assert.Equal([6L, 7, -1, -1], Read(data, DataPart.Calibrate, 1).Single().Targets!.Values<long>().ToArray());
        Assert.Equal([9L, -1, -1, -1], Read(data, DataPart.Evaluate, 1).Single().Targets!.Values<long>().ToArray());
    }

    [Fact]
    public void Generated_inputs_depend_on_seed_and_sample_only()
    {
        using var folder = new DataFolder();
        folder.Write("data.yaml", """
            format: synthetic
            calibrate: 4
            evaluate: 5
            inputs:
              sound: {random: normal, scale: 0.5, shape: [3]}
              state: zeros
              rate: {constant: 16000}
            """);
        ValueSignature[] inputs = [DataFolder.Floats("sound", -1, -1), DataFolder.Floats("state", 2, -1, 4), new ValueSignature("rate", ElementType.Int64, [])];
        IDataset Open(int seed) => DatasetFile.Open(folder["data.yaml"], inputs, [TwoClasses], new PlainDecoder(), seed, cancellation: TestContext.Current.CancellationToken);
        using var data = Open(1);
        using var same = Open(1);
        using var other = Open(2);

        var batch = Read(data, DataPart.Evaluate, 5).Single();
        Assert.Equal([5L, 3], batch.Inputs["sound"].Dimensions);
        Assert.Equal([2L, 5, 4], batch.Inputs["state"].Dimensions);
        Assert.Equal(16000, batch.Inputs["rate"].Values<long>()[0]);
        Assert.Null(batch.Targets);
        Assert.Equal(Floats(data, DataPart.Evaluate, "sound", 5), Floats(same, DataPart.Evaluate, "sound", 2));
        Assert.NotEqual(Floats(data, DataPart.Evaluate, "sound", 5), Floats(other, DataPart.Evaluate, "sound", 5));
        Assert.NotEqual(Floats(data, DataPart.Evaluate, "sound", 4).Take(12), Floats(data, DataPart.Calibrate, "sound", 4));
        Assert.Contains(data.Findings, finding => finding is { Code: "synthetic-data", Severity: FindingSeverity.Warning } && finding.Message.Contains("'sound' standard normal", StringComparison.Ordinal));
        Assert.Equal("fidelity", data.Metric);
    }

    [Fact]
    public void A_batch_in_the_middle_is_woven()
    {
        using var folder = new DataFolder();
        folder.WriteNpy<float>("s.npy", "<f4", [3, 2, 2], [.. Enumerable.Range(0, 12).Select(i => (float)i)]);
        folder.Write("data.yaml", "files: s.npy\nsplit: {calibrate: first 1}\npreprocess: {from: x, batchAxis: 1}");
        using var data = folder.Open("data.yaml", DataFolder.Floats("state", 2, -1, 2), TwoClasses);

        var state = Read(data, DataPart.Evaluate, 2).Single().Inputs["state"];
        Assert.Equal([2L, 2, 2], state.Dimensions);
        Assert.Equal([4f, 5, 8, 9, 6, 7, 10, 11], state.Values<float>().ToArray());
    }

    [Fact]
    public void Cache_and_batch_size_change_nothing()
    {
        using var folder = Images(30);
        folder.Write("data.yaml", "files: {images: .}\nsplit: {calibrate: random 13, evaluate: rest}\npreprocess: {scale: 1/255, mean: [0.1, 0.2, 0.3], std: 0.5}");
        using var cached = folder.Open("data.yaml", Image, TwoClasses);
        using var streamed = folder.Open("data.yaml", Image, TwoClasses, cacheBytes: 0);
        foreach (var part in new[] { DataPart.Calibrate, DataPart.Evaluate })
        {
            var expected = Floats(cached, part, "image", 1000);
            foreach (int batch in new[] { 1, 7, 32 })
            {
                Assert.Equal(expected, Floats(cached, part, "image", batch));
                Assert.Equal(expected, Floats(streamed, part, "image", batch));
            }

            Assert.Equal(expected.Take(5 * 12), Read(streamed, part, 2, 5).SelectMany(batch => batch.Inputs["image"].Values<float>().ToArray()));
            Assert.Equal(Labels(cached, part), Labels(streamed, part));
        }

        Assert.Equal([0L, 7, 14], Read(cached, DataPart.Evaluate, 7).Take(3).Select(batch => batch.First));
    }

    [Fact]
    public void Samples_at_places_are_those_of_the_whole_part()
    {
        using var folder = Images(300);
        folder.Write("data.yaml", "files: {images: .}\nsplit: {calibrate: random 13, evaluate: rest}\npreprocess: {scale: 1/255}");
        using var cached = folder.Open("data.yaml", Image, TwoClasses);
        using var streamed = folder.Open("data.yaml", Image, TwoClasses, cacheBytes: 0);
        float[] all = Floats(cached, DataPart.Evaluate, "image", 1000);
        long[] labels = Labels(cached, DataPart.Evaluate);
        long last = cached.Count(DataPart.Evaluate) - 1;
        long[][] choices = [[], [0], [last], [3, 4, 5, 9, 255, 256, 257, 300, last], [.. Enumerable.Range(0, (int)last + 1).Select(i => (long)i)]];
        foreach (long[] places in choices)
        {
            foreach (var data in new[] { cached, streamed })
            {
                var batches = data.ReadAt(DataPart.Evaluate, places, 4, TestContext.Current.CancellationToken).ToList();
                Assert.Equal(places.SelectMany(place => all[((int)place * 12)..((int)place * 12 + 12)]), batches.SelectMany(batch => batch.Inputs["image"].Values<float>().ToArray()));
                Assert.Equal(places.Select(place => labels[place]), batches.SelectMany(batch => batch.Targets!.Values<long>().ToArray()));
                Assert.All(batches.SkipLast(1), batch => Assert.Equal(4, batch.Count));
            }
        }

        Assert.Throws<ArgumentException>(() => cached.ReadAt(DataPart.Evaluate, [2, 2], 4, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => cached.ReadAt(DataPart.Evaluate, [last + 1], 4, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_batch_that_the_network_fixes_is_kept()
    {
        using var folder = Images(5);
        folder.Write("data.yaml", "files: {images: .}\nsplit: {calibrate: first 4, evaluate: rest}\npreprocess: {scale: 1}");
        using var data = folder.Open("data.yaml", DataFolder.Floats("image", 4, 3, 2, 2), TwoClasses);

        Assert.Equal([4], Read(data, DataPart.Evaluate, 32).Select(batch => batch.Count));
        Assert.Equal(4, data.Count(DataPart.Evaluate));
        Assert.Contains(data.Findings, finding => finding.Code == "batch-remainder");
    }

    [Fact]
    public void Few_broken_images_are_left_out_and_counted()
    {
        using var folder = Images(60);
        folder.Write("cat/0.png", "no image");
        folder.Write("data.yaml", "files: {images: .}\nsplit: {calibrate: last 20, evaluate: rest}\npreprocess: {scale: 1}");
        using var data = folder.Open("data.yaml", Image, TwoClasses);

        Assert.Equal(99, data.Count(DataPart.Evaluate));
        Assert.Equal(99, Read(data, DataPart.Evaluate, 10).Sum(batch => batch.Count));
        Assert.StartsWith("1 of 100 images of", data.Findings.Single(finding => finding.Code == "images-broken").Message, StringComparison.Ordinal);
        folder.Write("dog/0.png", "no image");
        Assert.StartsWith("2 of 100 images cannot be decoded: expected at most 1 %. The first is", Message(folder, "data.yaml", Image, TwoClasses), StringComparison.Ordinal);
    }

    [Fact]
    public void Calibration_needs_no_labels()
    {
        using var folder = new DataFolder();
        folder.WriteNpy<float>("a.npy", "<f4", [2, 1], [1, 2]);
        folder.WriteNpy<float>("b.npy", "<f4", [2, 1], [3, 4]);
        folder.WriteNpy<long>("y.npy", "<i8", [2], [0, 1]);
        folder.Write("data.yaml", "calibrate: {x: a.npy}\nevaluate: {x: b.npy, y: y.npy}\ntarget: y");
        using var data = folder.Open("data.yaml", DataFolder.Floats("x", -1, 1), TwoClasses);

        Assert.Null(Read(data, DataPart.Calibrate, 2).Single().Targets);
        Assert.Equal([0L, 1L], Labels(data, DataPart.Evaluate));
    }

    [Theory]
    [InlineData("x.npy", "", "the network's input 'x'", 3)]
    [InlineData("", "labels", "expected labels from 0 to 1, as the network has 2 classes, found 2 in 'y'.", 2)]
    public void Shapes_and_labels_that_do_not_fit_are_errors(string _, string kind, string expected, int width)
    {
        using var folder = new DataFolder();
        folder.WriteNpy<float>("x.npy", "<f4", [3, width], new float[3 * width]);
        folder.WriteNpy<byte>("y.npy", "|u1", [3], [0, 1, 2]);
        folder.Write("data.yaml", "files: {x: x.npy, y: y.npy}\nsplit: {calibrate: first 1}\n");

        string message = Message(folder, "data.yaml", DataFolder.Floats("x", -1, 2), TwoClasses);

        Assert.Contains(expected, message, StringComparison.OrdinalIgnoreCase);
        if (kind.Length == 0) Assert.Equal("The network's input 'x' takes Float32 [any, 2] with the batch; the field 'x' of x.npy holds Float32 [3] per sample.", message);
        else Assert.StartsWith("x.npy, sample 2:", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offset_moves_labels_into_the_classes()
    {
        using var folder = new DataFolder();
        folder.WriteNpy<float>("x.npy", "<f4", [3, 1], [1, 2, 3]);
        folder.WriteNpy<byte>("y.npy", "|u1", [3], [1, 2, 1]);
        folder.Write("data.yaml", "files: {x: x.npy, y: y.npy}\nsplit: {calibrate: first 1}\ntarget: {from: y, offset: -1}");
        using var data = folder.Open("data.yaml", DataFolder.Floats("x", -1, 1), TwoClasses);

        Assert.Equal([1L, 0L], Labels(data, DataPart.Evaluate));
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_errors()
    {
        using var folder = new DataFolder();
        folder.WriteNpy<float>("x.npy", "<f4", [3, 2], [1, 2, 3, float.NaN, 5, 6]);

        Assert.Equal("x.npy, sample 1: element 1 of the field 'x' is not a finite number.", Message(folder, "x.npy", DataFolder.Floats("x", -1, 2), TwoClasses));
    }

    [Fact]
    public void Folders_of_other_classes_than_the_networks_are_errors()
    {
        using var folder = Images(2);

        string message = Message(folder, "", Image, DataFolder.Floats("logits", -1, 10));

        Assert.Contains("has 2 classes (cat, dog), the network has 10: sorted names do not tell which is which.", message, StringComparison.Ordinal);
        folder.Write("classes.txt", "bird\ndog\ncat\na\nb\nc\nd\ne\nf\ng\n");
        using var data = folder.Open("", Image, DataFolder.Floats("logits", -1, 10));
        Assert.Equal([1L, 2L], Labels(data, DataPart.Evaluate).Distinct().Order());
    }

    [Fact]
    public void Nothing_and_the_unknown_are_named()
    {
        using var folder = new DataFolder();

        Assert.Contains("holds nothing that describes itself", Message(folder, "", Image, TwoClasses), StringComparison.Ordinal);
        Assert.EndsWith("does not exist.", Message(folder, "none", Image, TwoClasses), StringComparison.Ordinal);
        folder.Write("data.yaml", "files: x.npy\ninputs: {other: {from: x}}");
        folder.WriteNpy<float>("x.npy", "<f4", [2, 1], [1, 2]);
        Assert.Equal("data.yaml, line 2: the network has no input 'other', it has 'image'.", Message(folder, "data.yaml", Image, TwoClasses));
    }

    [Theory]
    [InlineData("files: x.npy\nmetric: top1", "the metric top1 needs targets, and x.npy has none")]
    [InlineData("files: {x: x.npy, y: y.npy}\nmetric: top5", "the metric top5 needs more than 5 classes, the network's output 'logits' has 2")]
    [InlineData("files: {x: x.npy, y: x.npy}\nmetric: top1", "the metric top1 takes one class per sample, the target 'y' is Float32 [2]")]
    [InlineData("files: {x: x.npy, y: y.npy}\noutput: none", "the network has no output 'none', it has 'logits'")]
    [InlineData("files: {x: x.npy, y: short.npy}", "short.npy has 1 samples, but x.npy has 2: expected equal counts.")]
    [InlineData("files: {x: x.npy, y: y.npy}\npreprocess: {from: z}", "there is no field 'z' for the input 'x': x.npy holds 'x', 'y'")]
    [InlineData("files: {x: x.npy, y: y.npy}\npreprocess: {from: x, mean: [1, 2, 3]}", "'mean' and 'std' take 1 or 2 values for [2], found 3")]
    [InlineData("files: {x: x.npy, y: y.npy}\npreprocess: {from: x, resize: 3}", "The network's input 'x' takes Float32")]
    public void Descriptions_that_fit_neither_data_nor_network_are_errors(string text, string expected)
    {
        using var folder = new DataFolder();
        folder.WriteNpy<float>("x.npy", "<f4", [2, 2], [1, 2, 3, 4]);
        folder.WriteNpy<byte>("y.npy", "|u1", [2], [0, 1]);
        folder.WriteNpy<byte>("short.npy", "|u1", [1], [0]);
        folder.Write("data.yaml", text);

        Assert.Contains(expected, Message(folder, "data.yaml", DataFolder.Floats("x", -1, 2), TwoClasses), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_give_data_or_a_sentence()
    {
        using var folder = new DataFolder();
        byte[] labels = DataFolder.Npy<byte>("|u1", [4], [0, 1, 0, 1]);
        folder.WriteZip("i.zip", Enumerable.Range(0, 4).Select(i => ($"{(i % 2 == 0 ? "cat" : "dog")}/{i}.png", DataFolder.Image(2, 2, i))));
        folder.WriteZip("a.zip", ("x.npy", DataFolder.Npy<byte>("|u1", [4, 12], new byte[48])), ("y.npy", labels));
        (string Name, byte[] Bytes)[] files =
        [
            ("i.zip", File.ReadAllBytes(folder["i.zip"])),
            ("a.npz", File.ReadAllBytes(folder["a.zip"])),
            ("t.csv", [.. "a,b,c,d,e,f,g,h,i,j,k,l,label\n1,2,3,4,5,6,7,8,9,1,2,3,0\n1,2,3,4,5,6,7,8,9,1,2,3,1\n"u8]),
        ];
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[0, 5000], Gen.Byte, Gen.Bool).Sample((which, at, value, isCut) =>
        {
            byte[] bytes = [.. files[which].Bytes];
            at %= bytes.Length;
            if (isCut) bytes = bytes[..at];
            else bytes[at] ^= value;
            folder.Write(files[which].Name, bytes);
            try
            {
                using var data = folder.Open(files[which].Name, Image, TwoClasses);
                Assert.True(Read(data, DataPart.Evaluate, 2).Sum(batch => batch.Count) > 0);
            }
            catch (DataException exception)
            {
                Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
            }
        }, iter: 600, threads: 1);
    }

    [Theory]
    [InlineData("layout", 2, 3, 4)]
    [InlineData("stored", 4, 2, 3)]
    public void Images_in_arrays_are_turned_to_the_networks_layout(string _, int first, int second, int third)
    {
        using var folder = new DataFolder();
        float[] values = [.. Enumerable.Range(0, 2 * 24).Select(i => (float)i)];
        folder.WriteNpy<float>("x.npy", "<f4", [2, first, second, third], values);
        folder.Write("data.yaml", "files: x.npy\nsplit: {calibrate: first 1}");

        // [H, W, C] = [2, 3, 4] for a network of [4, 2, 3], and the reverse.
        bool toFront = first == 2;
        using var data = folder.Open("data.yaml", toFront ? DataFolder.Floats("x", -1, 4, 2, 3) : DataFolder.Floats("x", -1, 2, 3, 4), TwoClasses);

        float[] turned = Floats(data);
        for (int c = 0; c < 4; c++)
        {
            for (int p = 0; p < 6; p++) Assert.Equal(24 + (toFront ? p * 4 + c : c * 6 + p), turned[toFront ? c * 6 + p : p * 4 + c]);
        }
    }

    static DataFolder Images(int perClass)
    {
        var folder = new DataFolder();
        for (int i = 0; i < perClass; i++)
        {
            folder.Write($"cat/{i}.png", DataFolder.Image(2, 2, i));
            folder.Write($"dog/{i}.png", DataFolder.Image(2, 2, 100 + i));
        }

        return folder;
    }

    static IEnumerable<SampleBatch> Read(IDataset data, DataPart part, int batch, long limit = long.MaxValue)
        => data.Read(part, batch, limit, TestContext.Current.CancellationToken);

    static long[] Labels(IDataset data, DataPart part) => [.. Read(data, part, 3).SelectMany(batch => batch.Targets!.Values<long>().ToArray())];

    static float[] Floats(IDataset data, DataPart part = DataPart.Evaluate, string? input = null, int batch = 3)
        => [.. Read(data, part, batch).SelectMany(one => one.Inputs[input ?? one.Inputs.Keys.First()].Values<float>().ToArray())];

    static string Message(DataFolder folder, string name, ValueSignature input, ValueSignature output)
        => Assert.Throws<DataException>(() => folder.Open(name, input, output)).Message;
}
